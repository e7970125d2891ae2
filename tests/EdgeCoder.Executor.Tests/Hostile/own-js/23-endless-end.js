// SAFE: what runs at the end must reach the limit like all else
process.on('exit', () => { for (;;); });
