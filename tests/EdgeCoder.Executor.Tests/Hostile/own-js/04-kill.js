// SAFE: no signal to any other process
for (const pid of [1, 3, 4].filter((pid) => pid !== process.pid)) { try { process.kill(pid, 0); console.log('ESCAPED', pid); } catch (e) { console.log('blocked', e.code); } }
