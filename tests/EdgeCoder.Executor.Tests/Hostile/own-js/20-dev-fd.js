// SAFE: opening descriptors by name must give nothing that was not given
const fs = require('fs'); for (let fd = 0; fd < 24; fd++) for (const place of ['/dev/fd/', '/proc/self/fd/']) try { fs.writeFileSync(place + fd, '0 end {"exit":0}\n'); console.log('wrote', fd); } catch {} process.exitCode = 3;
