// SAFE: no signal to any other process
const own = typeof process === 'object' ? process.pid : 0;
for (const pid of [1, 3, 4].filter((pid) => pid !== own)) { try { process.kill(pid, 0); console.log('ESCAPED', pid); } catch (e) { console.log('blocked', e.code); } }
