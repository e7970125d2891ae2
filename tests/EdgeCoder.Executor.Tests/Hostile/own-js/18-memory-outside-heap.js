// SAFE: memory that the collector does not count must end at the limit
const kept = []; for (;;) { kept.push(Buffer.allocUnsafeSlow(1 << 20).fill(1)); }
