// SAFE: throwing a proxy that throws must be a failure, not a crash of the runner
throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; }, ownKeys() { throw 3; } });
