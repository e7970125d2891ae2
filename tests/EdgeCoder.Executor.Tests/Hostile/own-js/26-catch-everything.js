// SAFE: a program that catches its own errors for ever must reach the limit
process.on('uncaughtException', () => setImmediate(() => { throw 1; })); throw 1;
