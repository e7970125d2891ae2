// SAFE: memory shared between threads must not escape the limit
const kept = []; for (let i = 0; i < 4096; i++) { const one = new Uint8Array(new SharedArrayBuffer(1 << 20)); one.fill(1); kept.push(one); } console.log('ESCAPED', kept.length);
