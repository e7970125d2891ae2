// SAFE: timers that start each other must reach a limit although each waits for almost nothing
const again = () => { setTimeout(again, 0); setImmediate(() => {}); }; again();
