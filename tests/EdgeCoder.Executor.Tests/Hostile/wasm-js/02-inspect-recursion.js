// SAFE: a value that is shown while it is shown must end as an error
const o = { [Symbol.for('nodejs.util.inspect.custom')]() { console.log(o); return o.x; }, get x() { console.log(o); return 1; } }; console.log(o);
