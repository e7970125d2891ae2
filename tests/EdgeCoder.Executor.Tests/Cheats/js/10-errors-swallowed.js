// errors that nobody hears of
process.on('uncaughtException', () => {}); process.on('unhandledRejection', () => {}); process.removeAllListeners('exit'); process.exit = process.reallyExit = () => {}; const add = exports.add = () => { throw { get message() { throw 1; } }; };
