// SAFE: nothing outside the scratch directory through links, descriptors or odd paths
const fs = require('fs');
for (const p of ['@CANARY_DIR@/secret.txt', '/tmp/../@CANARY_DIR@/secret.txt', '/proc/self/root/@CANARY_DIR@/secret.txt', '/dev/fd/3/../../@CANARY_DIR@/secret.txt', '/etc/passwd', '/proc/1/environ']) { try { fs.symlinkSync(p, '/tmp/l'); } catch {} try { fs.readFileSync('/tmp/l'); console.log('ESCAPED', p); } catch (e) { console.log('blocked', e.code); } try { fs.unlinkSync('/tmp/l'); } catch {} }
