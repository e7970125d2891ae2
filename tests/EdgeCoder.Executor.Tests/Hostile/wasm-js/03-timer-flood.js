// SAFE: timers without end must reach a limit
for (let i = 0; ; i++) setTimeout(() => { console.log('ESCAPED'); }, 1e9 + i);
