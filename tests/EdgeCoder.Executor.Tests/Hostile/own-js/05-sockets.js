// SAFE: no socket of any kind
const d = require('dgram').createSocket('udp4'); d.on('error', (e) => console.log('blocked', e.code)); try { d.send('x', 47811, '127.0.0.1', (e) => console.log(e ? 'blocked ' + e.code : 'ESCAPED')); } catch (e) { console.log('blocked', e.code); }
require('net').createServer().on('error', (e) => console.log('blocked', e.code)).listen(0, () => console.log('ESCAPED'));
fetch('http://127.0.0.1:47811/').then(() => console.log('ESCAPED'), (e) => console.log('blocked', e.cause?.code));
