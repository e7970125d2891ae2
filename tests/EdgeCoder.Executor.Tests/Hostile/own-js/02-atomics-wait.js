// SAFE: waiting for ever in native code must be ended
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
