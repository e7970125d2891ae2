// SAFE: promises without end must reach a limit
const hold = []; (function more() { for (let i = 0; i < 1000; i++) hold.push(new Promise(() => {})); setImmediate(more); })();
