namespace EdgeCoder.Executor.Tests.WebAssembly;

/// <summary>Ordinary programs print the same and end the same in WebAssembly as in node.</summary>
public sealed class LikenessTests(ExecutorFixture fixture, WasmFixture wasm)
{
    [Theory]
    [InlineData("console.log(); console.log('%s is %d', 'x', 42, { a: 1 }); console.info([]); console.debug({}); console.log('100%', 5); console.log('%c styled', 'css'); console.log(null, undefined, true)")]
    [InlineData("console.group('g'); console.log('in\\nside'); console.group(); console.log({ a: 1 }); console.groupEnd(); console.groupEnd(); console.log('out')")]
    [InlineData("console.table([{ a: 1, b: 'x' }, { a: 2, c: true }]); console.table([[1, 2], [3]]); console.table(new Map([['k', 1]])); console.table(['p', 'q']); console.table([{ a: 1, b: 2 }], ['b']); console.table(5); console.table({ r: { x: 1 }, s: 7 })")]
    [InlineData("console.count(); console.count('x'); console.count(); console.countReset(); console.count(); console.dir({ a: { b: { c: { d: 1 } } } }, { depth: 0 })")]
    [InlineData("setTimeout(() => console.log('t2'), 40); setTimeout(() => console.log('t1'), 20); setImmediate(() => console.log('imm')); Promise.resolve().then(() => console.log('micro')); queueMicrotask(() => console.log('queued')); console.log('sync')")]
    [InlineData("let n = 0; const i = setInterval(() => { console.log('tick', ++n); if (n === 3) { clearInterval(i); setTimeout((a, b) => console.log(a, b), 1, 1, 2) } }, 5); const t = setTimeout(() => console.log('never'), 10); clearTimeout(t)")]
    [InlineData("(async () => { console.log(1); await null; console.log(2); for await (const x of (async function* () { yield 1; yield 2 })()) console.log('x', x); try { await Promise.reject(new Error('e')) } catch (e) { console.log(e.message) } finally { console.log('f') } })(); console.log('after')")]
    [InlineData("Promise.all([1, Promise.resolve(2), new Promise((r) => setTimeout(r, 5, 3))]).then(console.log); Promise.race([new Promise((r) => setTimeout(r, 9, 'slow')), new Promise((r) => setTimeout(r, 3, 'fast'))]).then(console.log); Promise.allSettled([Promise.reject(1), 2]).then(console.log); Promise.any([Promise.reject(1), Promise.resolve(7)]).then(console.log)")]
    [InlineData("const E = require('events'); const e = new E(); e.on('a', (x) => console.log('1', x)); e.once('a', (x) => console.log('2', x)); e.prependListener('a', () => console.log('0')); console.log(e.emit('a', 5), e.emit('a', 6), e.emit('b'), e.listenerCount('a'), e.eventNames()); class F extends E {} console.log(new F() instanceof E); try { e.emit('error', new Error('boom')) } catch (x) { console.log(x.message) }")]
    [InlineData("const util = require('util'); const E = require('events'); function Old() { E.call(this) } util.inherits(Old, E); const o = new Old(); o.on('x', function () { console.log(this === o) }); o.emit('x'); console.log(Old.super_ === E)")]
    [InlineData("const p = require('path'); console.log(p.join('a', '..', '/b', './c'), p.resolve('/x', 'y', '../z'), p.basename('/a/b.txt', '.txt'), p.extname('a.b.c'), p.dirname('/a/b'), p.normalize('/a//b/../c/.'), p.relative('/a/b/c', '/a/d'), p.isAbsolute('a'), p.parse('/h/f.txt'), p.format({ dir: '/q', base: 'z' }), p.sep, p.join(''))")]
    [InlineData("const u = require('util'); console.log(u.isDeepStrictEqual({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }), u.isDeepStrictEqual(new Set([1, { a: 1 }]), new Set([1, { a: 1 }])), u.isDeepStrictEqual(new Map([[{ k: 1 }, 2]]), new Map([[{ k: 1 }, 2]])), u.isDeepStrictEqual([1, , 3], [1, undefined, 3]), u.isDeepStrictEqual(NaN, NaN), u.isDeepStrictEqual(0, -0), u.isDeepStrictEqual(new Date(1), new Date(1)), u.isDeepStrictEqual(/a/g, /a/i), u.isDeepStrictEqual(Object.create(null), {}), u.isDeepStrictEqual([], {}), u.isDeepStrictEqual(new Uint8Array([1]), new Uint8Array([1])), u.types.isDate(new Date(0)), u.types.isPromise(Promise.resolve()))")]
    [InlineData("const a = require('assert'); for (const f of [() => a(0), () => a.equal(1, 2), () => a.strictEqual(1, '1'), () => a.notStrictEqual(1, 1), () => a.throws(() => {}), () => a.ok(null, 'given'), () => a.fail('x'), () => a.match('abc', /x/), () => a.deepEqual([1], ['1']), () => a.deepStrictEqual({ a: 1 }, { a: 1 }), () => a.notDeepStrictEqual({ a: 1 }, { a: 1 }), () => a.throws(() => { throw new TypeError('t') }, RangeError), () => a.throws(() => { throw new TypeError('t') }, /t/), () => a.ifError(null), () => a.doesNotThrow(() => {})]) try { f(); console.log('passes') } catch (e) { console.log(e.name, e.code, e.operator, e.generatedMessage) }")]
    [InlineData("const a = require('assert'); for (const f of [() => a.strictEqual(1, 2), () => a.equal('a', 'b'), () => a.strictEqual([1], [1]), () => a.deepStrictEqual({ a: 1, b: [1, 2] }, { a: 1, b: [1, 3] }), () => a.fail(), () => a.throws(() => {}, TypeError), () => a.ok(false, 'why')]) try { f() } catch (e) { console.log(e.message.split('\\n')[0], require('util').inspect(e.actual), require('util').inspect(e.expected)) }")]
    [InlineData("console.log(structuredClone({ a: [1, new Map([[1, { b: 2 }]]), new Set([1]), new Date(0), /x/g] })); const c = { n: 1 }; c.self = c; const d = structuredClone(c); console.log(d.self === d, d !== c); try { structuredClone(() => {}) } catch (e) { console.log(e.name) }")]
    [InlineData("console.log(new TextEncoder().encode('añ€😀'), new TextDecoder().decode(new Uint8Array([97, 195, 177, 226, 130, 172, 240, 159, 152, 128, 255])), btoa('hello'), atob('aGVsbG8='))")]
    [InlineData("const c = new AbortController(); c.signal.addEventListener('abort', () => console.log('aborted', c.signal.aborted)); c.abort(); c.abort(); console.log(c.signal.reason.name)")]
    [InlineData("class A { #x = 1; static s = 2; get x() { return this.#x } static { A.t = 3 } } console.log(new A(), new A().x, A.s, A.t, A); label: for (const i of [1, 2]) { for (;;) { continue label } } console.log([1, 2, 3].at(-1), [3, 1, 2].toSorted(), 'abc'.replaceAll('b', '$&$&'), 2 ** 10, 7n / 2n, 1_000, null ?? 'd', [...'ab'].length)")]
    [InlineData("console.log([10, 9, 1].sort(), [undefined, 3, null, 1].sort(), ['b', undefined, 'a'].sort(), [5, 1, 4].sort((a, b) => b - a), (0.1 + 0.2).toFixed(10), (255).toString(16), (1e21).toString(), (123.456).toPrecision(4), parseInt('12px'), Number(''), Number('0x1f'), Math.max(), Math.hypot(3, 4), Math.round(-0.5), 5 % -3, -5 % 3, 1 / 3)")]
    [InlineData("console.log('aXbXc'.split('X'), 'abc'.match(/(?<l>b)/).groups.l, 'a1b22'.matchAll(/\\d+/g).next().value[0], 'x'.padStart(3, 'ab'), 'ÀÉ'.normalize('NFD').length, 'ß'.toUpperCase(), 'İ'.toLowerCase().length, '😀'.length, [...'😀a'].length, 'a-b_c'.split(/[-_]/), /^\\p{L}+$/u.test('été'), 'abcabc'.lastIndexOf('b'), escape('ü'), encodeURIComponent('ü &'))")]
    [InlineData("console.log(JSON.stringify({ a: [1, { b: undefined, c: () => {}, d: NaN, e: new Date(0), f: 'q\\u2028' }], g: Symbol() }, null, 2), JSON.parse('{\"a\":[1,2,{\"b\":null}]}', (k, v) => typeof v === 'number' ? v + 1 : v), JSON.stringify('\\ud800'), JSON.stringify([new Map([[1, 2]]), new Set([1])]))")]
    [InlineData("console.log(new Date(2020, 1, 29, 12, 30).toISOString(), new Date('2020-02-30').getTime(), new Date('2021-03-04T05:06:07Z').toString(), new Date(0).toDateString(), Date.UTC(2000, 0), new Date(2019, 12).getMonth(), JSON.stringify(new Date(5)), new Date('March 7, 2021 10:00').getTime(), new Date('invalid').getTime())")]
    [InlineData("function* g() { const x = yield 1; console.log('got', x); try { yield 2 } finally { console.log('cleanup') } } const it = g(); console.log(it.next(), it.next('v'), it.return(9), it.next()); const [a, ...r] = new Set([1, 2, 3]); const { p = 5, ...q } = { z: 1, y: 2 }; console.log(a, r, p, q); console.log(Object.entries({ b: 1, a: 2, 1: 3 }), Reflect.ownKeys({ [Symbol('s')]: 1, x: 2 }))")]
    [InlineData("const w = new WeakMap(); const k = {}; w.set(k, 1); console.log(w.get(k), w.has({})); const s = Symbol('d'); console.log(s.description, Symbol.for('q') === Symbol.for('q')); const p = new Proxy({}, { get: (t, n) => 'got ' + String(n) }); console.log(p.foo); console.log(Number.MAX_SAFE_INTEGER, Number.EPSILON > 0, 0.1 * 3, 1e300 * 1e10, -1 >>> 0, ~5, 5 & 3, 1 << 31)")]
    [InlineData("console.error('to stderr'); console.warn({ w: 1 }); console.log('x\\u0000y', 'lone \\ud800'.length); console.assert(true, 'no'); console.log(typeof require, typeof module, typeof exports, typeof __filename, this === module.exports, require.main === module)")]
    [InlineData("throw new TypeError('bad')")]
    [InlineData("Promise.reject(new RangeError('unhandled'))")]
    [InlineData("setTimeout(() => { throw new Error('late') }, 5); console.log('first')")]
    [InlineData("const p = Promise.reject(new Error('handled later')); setTimeout(() => p.catch(() => console.log('caught')), 1); console.log('start')")]
    [InlineData("[1].forEach(async () => { throw new Error('in a callback') }); setTimeout(() => console.log('not reached'), 10)")]
    [InlineData("new Promise((_, reject) => reject(7)).finally(() => console.log('finally'))")]
    [InlineData("queueMicrotask(() => { throw new Error('micro') }); Promise.resolve().then(() => console.log('maybe'))")]
    [InlineData("const { test } = require('./none')")]
    [InlineData("let x = 1\nlet y = x.a.b\n")]
    [InlineData("function f() {\n  const z = null\n\n  return z.q\n}\nif (true) {\n  f()\n}")]
    [InlineData("for (const x of [1]) {\n  if (x > 0)\n    throw new Error('deep')\n}")]
    [InlineData("await Promise.resolve()\nconsole.log('module')\nexport const a = 1\nthrow new Error('m')")]
    public async Task Program_does_what_it_does_in_node(string program)
    {
        var node = await fixture.ProcessesIsolationOnly.JavaScriptAsync(program);
        var quickjs = await wasm.RunAsync(program);

        Assert.Equal(node.Stdout, quickjs.Stdout);
        Assert.Equal((node.Ok, node.ExitCode, node.Detail?.Code, node.Detail?.Line), (quickjs.Ok, quickjs.ExitCode, quickjs.Detail?.Code, quickjs.Detail?.Line));
    }
}
