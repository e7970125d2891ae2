// SAFE: changing what the runner's clock and lists rest on must not stop the clock
Array.prototype[Symbol.iterator] = function* () { for (;;) yield 1; }; Number = () => 0; Math.trunc = () => -1; globalThis.isFinite = () => true; setInterval(() => {}, 1); setTimeout(() => console.log('ran'), 5);
