// SAFE: no descriptor of the host
const fs = require('fs'); for (let fd = 5; fd < 64; fd++) { try { const s = fs.fstatSync(fd); if (s.isFile() || s.isSocket() || s.isDirectory()) console.log('ESCAPED', fd); } catch {} } console.log('done');
