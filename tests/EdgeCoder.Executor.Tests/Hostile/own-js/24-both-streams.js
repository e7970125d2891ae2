// SAFE: writing to both streams at once must end at the output limit
const text = 'x'.repeat(65536); for (;;) { require('fs').writeSync(1, text); require('fs').writeSync(2, text); }
