// SAFE: a program that catches the end of memory must not go on without end
for (;;) { try { const a = []; for (;;) a.push(new Array(100000).fill(a)); } catch { } }
