// SAFE: no process in any of the ways node has
const c = require('child_process');
for (const f of [() => c.execSync('id'), () => c.spawnSync(process.execPath, ['-e', '0']).error, () => c.execFileSync('/bin/true')]) { try { const r = f(); console.log(r instanceof Error ? 'blocked ' + r.code : 'ESCAPED'); } catch (e) { console.log('blocked', e.code); } }
