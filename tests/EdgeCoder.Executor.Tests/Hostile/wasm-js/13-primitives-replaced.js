// SAFE: replaced primitives of the language must neither hide a failure nor reach a function of the host
const caught = []; const spy = (f) => function (...a) { for (const x of a) if (typeof x === 'function') caught.push(x); return f.apply(this, a); };
for (const o of [Function.prototype, Array.prototype, String.prototype, Promise.prototype, Object, Reflect, Array, JSON]) for (const k of Object.getOwnPropertyNames(o)) { const d = Object.getOwnPropertyDescriptor(o, k); if (typeof d.value === 'function' && k !== 'constructor' && d.configurable && !/^(apply|call|push|getOwnPropertyDescriptor|defineProperty)$/.test(k)) Object.defineProperty(o, k, { ...d, value: spy(d.value) }); }
for (let i = 0; i < 10; i++) Object.defineProperty(Array.prototype, i, { set(v) { caught.push(v); }, get() { return 0; }, configurable: true });
Object.defineProperty(Object.prototype, 'exit', { get() { return 0; }, set() {} }); Object.defineProperty(Object.prototype, 'code', { get() { return 'ok'; }, set() {} });
Error.prepareStackTrace = (e, frames) => { for (const f of frames) caught.push(f.getFunction?.(), f.getThis?.()); return 'stack'; };
setTimeout(() => { for (const f of caught) if (typeof f === 'function' && /^(report|advance|work|zero|end|report)$/.test(f.name)) console.log('ESCAPED', f.name); throw new Error('must be reported as a failure'); }, 1);
