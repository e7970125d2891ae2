// SAFE: filling the report channel must not grow the host
const fs = require('fs'); const b = Buffer.alloc(65536, 120); for (let i = 0; i < 2000; i++) try { fs.writeSync(4, b); } catch { break; } console.log('done');
