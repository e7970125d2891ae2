// SAFE: no statement keeps a program from being ended
for (;;) { try { for (;;) { } } catch { continue; } finally { continue; } }
