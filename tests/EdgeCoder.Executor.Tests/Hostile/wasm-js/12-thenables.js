// SAFE: promises that resolve to each other for ever must be ended
const t = { then(resolve) { resolve(t); } }; (async () => { await t; console.log('ESCAPED'); })();
