// SAFE: closing the descriptors that the event loop stands on must end the program only
const fs = require('fs'); for (const fd of [0, 3, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]) { try { fs.closeSync(fd); } catch {} } setTimeout(() => console.log('late'), 10); process.stdin.on('data', () => {});
