// SAFE: a proxy that never answers must be ended while it is printed
console.log({ a: [new Proxy(class {}, { getPrototypeOf() { for (;;); }, ownKeys() { for (;;); }, get() { for (;;); } })] });
