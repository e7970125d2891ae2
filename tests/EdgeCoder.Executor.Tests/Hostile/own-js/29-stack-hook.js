// SAFE: code that runs when an error is looked at must not end the run as success
Error.prepareStackTrace = () => { process.reallyExit(0); }; throw new Error('hidden');
