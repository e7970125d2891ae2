// SAFE: records without the key must not be believed
const fs = require('fs'); for (const k of ['case', 'end']) fs.writeSync(4, '0'.repeat(32) + ' ' + k + ' {"exit":0,"status":"passed","name":"x"}\n'); process.reallyExit(0);
