// SAFE: an engine that breaks itself is a crash of the program only
const v8 = require('v8'); v8.setFlagsFromString('--allow-natives-syntax'); require('vm').runInThisContext('%SystemBreak()'); console.log('survived');
