// SAFE: links must lead nowhere and files must not be larger than allowed
const fs = require('fs'); const works = (action) => { try { return action() ?? true; } catch { return false; } };
['/etc/passwd', '/proc/1/root/etc/passwd', '@CANARY_DIR@/secret.txt', '@CANARY_DIR@'].forEach((target, at) => { const name = 'l' + at; works(() => fs.symlinkSync(target, name)); const text = works(() => fs.readFileSync(name, 'utf8')) || works(() => fs.readFileSync(name + '/secret.txt', 'utf8')); if (/root:|CANARY-FILE/.test(text) || (at < 2 && works(() => fs.linkSync(target, 'h' + at)))) console.log('ESCAPED', target); works(() => fs.appendFileSync(name, 'x')); works(() => fs.chmodSync(name, 0o777)); works(() => fs.writeFileSync(name + '/pwned', 'x')); });
for (const size of [2 ** 30, 2 ** 40, 2 ** 52]) { if (works(() => { fs.writeFileSync('s', ''); fs.truncateSync('s', size); })) console.log('ESCAPED', size); }
console.log('done');
