// SAFE: changing the exit code at the end must not hide the error before it
process.on('exit', () => { process.exitCode = 0; process.reallyExit(0); }); throw new Error('hidden');
