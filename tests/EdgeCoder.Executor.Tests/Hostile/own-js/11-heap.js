// SAFE: the heap must be bounded
const a = {}; for (let i = 0; ; i++) a['k' + i] = { i, s: 'x'.repeat(50) };
