// SAFE: replaced functions must not change what is reported
const fs = require('fs'); fs.writeSync = fs.readSync = () => { throw 1; }; Buffer.from = JSON.stringify = Array.isArray = Reflect.apply = Reflect.ownKeys = () => 0; String.prototype.charCodeAt = String.prototype.slice = String.prototype.indexOf = Array.prototype.push = Function.prototype.call = Function.prototype.apply = () => 0;
Object.defineProperty(Object.prototype, 'exit', { get() { return 0; }, set() {} }); process.reallyExit = process.exit = () => {}; throw new Error('told all the same');
