// SAFE: no native code may be loaded as a module, from the scratch directory or the system
const fs = require('fs'); fs.writeFileSync('m.node', Buffer.from('7f454c46', 'hex')); for (const path of [process.cwd() + '/m.node', '/lib/x86_64-linux-gnu/libc.so.6']) try { process.dlopen({ exports: {} }, path); console.log('ESCAPED', path); } catch (error) { console.log('blocked', error.code); }
