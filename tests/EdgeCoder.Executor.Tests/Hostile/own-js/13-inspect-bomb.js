// SAFE: hostile error objects must not break the runner
const e = new Error('x'); Object.defineProperty(e, 'stack', { get() { throw new Error('again'); } }); Object.defineProperty(e, 'message', { get() { for (;;); } }); throw e;
