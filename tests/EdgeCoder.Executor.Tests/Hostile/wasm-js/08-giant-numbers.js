// SAFE: one operation on a giant number must not outlive the deadline
let n = 3n; for (;;) { n = n * n; if (n < 0n) console.log('ESCAPED'); }
