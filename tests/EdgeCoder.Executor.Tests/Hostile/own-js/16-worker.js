// SAFE: a worker is a thread of the same program under the same limits
const { Worker } = require('worker_threads'); new Worker("try { console.log('ESCAPED', require('fs').readFileSync('@CANARY_DIR@/secret.txt', 'utf8')) } catch (e) { console.log('blocked', e.code) }", { eval: true }).on('error', (e) => console.log('blocked', e.code));
