// SAFE: an error whose text never ends must be ended while it is reported
const e = new Error('x'); Object.defineProperty(e, 'stack', { get() { for (;;); } }); Object.defineProperty(e, 'name', { get() { for (;;); } }); Promise.reject(e);
