// SAFE: what node knows of its machine must not name the host's files, variables or network
const os = require('os'); let text = '';
for (const tell of [() => os.networkInterfaces(), () => process.env, () => os.userInfo(), () => process.report.getReport(), ...['environ', 'cmdline', 'mountinfo'].map((name) => () => require('fs').readFileSync('/proc/self/' + name, 'latin1'))]) try { text += JSON.stringify(tell()); } catch (error) { console.log('blocked', error.code); }
console.log(text.includes('CANARY') || /"eth\d/.test(text) ? 'ESCAPED' : 'nothing');
