using CsCheck;

namespace EdgeCoder.Executor.Tests.WebAssembly;

/// <summary>Expressions of JavaScript whose values programs print.</summary>
internal static class JavaScriptValues
{
    private static readonly string[] Leaves =
    [
        "0", "-0", "1", "-1", "3.14", "1e21", "1e-7", "123456789", "NaN", "Infinity", "-Infinity", "5n", "-12345678901234567890n", "true", "false", "null", "undefined",
        "''", "'a'", "'it\\'s'", "'\"'", "'`'", "'\\'\"'", "'\\'\"`'", "'line\\nbreak'", "'tab\\t'", "'\\\\'", "'\\x00\\x1f\\x7f\\x9b'", "'\\ud800'", "'é'", "'日本語'", "'😀'", "'e\\u0301'", "'${x}\\''",
        "'a rather long string that has some words in it'", "'x'.repeat(90)", "'several words\\nand a second line\\nand a third one that is longer than the others'",
        "Symbol()", "Symbol('s')", "Symbol.iterator", "function () {}", "function named() {}", "() => 1", "async () => {}", "async function a() {}", "function* g() {}", "async function* ag() {}",
        "class {}", "class A {}", "(class A extends Array {})", "Math.max", "Math", "JSON", "Reflect", "globalThis.Map", "Symbol",
        "new Date(0)", "new Date(NaN)", "new Date(1700000000123)", "/a+/gi", "/[/]\\//", "new Number(3)", "new Number(-0)", "new String('abc')", "new Boolean(false)", "Object(1n)", "Object(Symbol('b'))",
        "new ArrayBuffer(3)", "new Uint8Array([1, 2, 3])", "new Float64Array([1.5, -0])", "new BigInt64Array([1n])", "new DataView(new ArrayBuffer(2))", "new WeakMap()", "new WeakSet()", "Object.create(null)", "Object.create({})",
        "new (class Point { constructor() { this.x = 1; this.y = 2 } })()", "new (class Empty {})()", "new (class Sub extends Map {})([[1, 2]])", "new (class List extends Array {})(3)", "Object.create({ constructor: 5 })",
        "Object.create(null, { a: { value: 1, enumerable: true } })", "Object.assign(Object.create(null), { a: 1 })", "{ get a() { return 1 } }", "{ set a(v) {} }", "{ get a() { return 1 }, set a(v) {} }", "[, 1]", "[1, , , 2]", "new Array(5)", "Object.assign([1, 2], { extra: 'x' })",
        "Object.assign(() => {}, { a: 1 })", "Object.assign(function f() {}, { b: [1] })", "Object.assign(new Date(0), { a: 1 })", "Object.assign(/x/, { a: 1 })", "{ [Symbol('k')]: 1 }", "{ [Symbol.toStringTag]: 'Tagged' }", "new (class Tag { get [Symbol.toStringTag]() { return 'T' } })()",
        "{ 'a-b': 1, 2: 3, _c: 4, $d: 5, 'é': 6, '': 7 }", "{ ['__proto__']: 1 }", "(() => { const o = { name: 'o' }; o.self = o; return o })()", "(() => { const a = [1]; a.push(a, { a }); return a })()", "(() => { const m = new Map(); m.set('m', m); return m })()",
        "(() => { const o = { p: { q: {} } }; o.p.q.r = o.p; o.s = o; return o })()", "(function () { return arguments })(1, 'a')", "Array.from({ length: 120 }, (_, i) => i)", "Array.from({ length: 101 }, (_, i) => 'item ' + i)", "Array.from({ length: 30 }, (_, i) => i * 1.5)",
        "Array.from({ length: 10 }, (_, i) => 'abc'.repeat(i % 4))", "Array.from({ length: 27 }, (_, i) => String.fromCharCode(97 + i % 26))", "Array.from({ length: 8 }, (_, i) => ({ i }))", "Array.from({ length: 12 }, () => [1, 2])", "Array.from({ length: 9 }, (_, i) => BigInt(i) ** 20n)",
        "new Set(Array.from({ length: 105 }, (_, i) => i))", "new Map(Array.from({ length: 7 }, (_, i) => [i, { i }]))", "Array.from({ length: 3 }, () => Array.from({ length: 3 }, (_, j) => j))", "'x'.repeat(10001)", "new Map([[{ a: 1 }, new Set([1])]])", "[[[[[]]]]]", "{ a: { b: { c: { d: {} } } } }",
        "[['a', [1, [2, [3, [4]]]]]]", "[undefined, null, NaN, -0]", "['日本', 'é', '😀', 'a', 'b', 'c', 'dd']", "[1.5, -2, 300, 4e10, 5, 6, 7]", "[-1, -22, 333, 4444, 55555, 6, 7, 8]", "[true, false, true, true, false, true, true]", "new (class extends Set {})([1])", "new Proxy({ a: 1 }, {})", "new Proxy([1, 2], {})",
        "{ f() {}, g: () => {}, h: class {} }", "{ a: 'x'.repeat(30), b: 'y'.repeat(30), c: 'z'.repeat(30) }", "[{ id: 1, name: 'first', tags: ['a', 'b'] }, { id: 2, name: 'second', tags: [] }]", "{ matrix: [[1, 0, 0], [0, 1, 0], [0, 0, 1]], size: 3 }",
    ];

    private static readonly Gen<string> Leaf = OneOf(Leaves);
    private static readonly Gen<string> Key = OneOf("a", "b", "name", "value", "children", "'two words'", "1", "_x", "$y", "'é'", "longerPropertyName");

    /// <summary>Any value: leaves, and lists, objects, maps and sets of values to some depth.</summary>
    public static Gen<string> Any { get; } = OfDepth(4);

    /// <summary>All the leaves.</summary>
    public static IReadOnlyList<string> All => Leaves;

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(index => texts[index]);

    private static Gen<string> OfDepth(int depth)
    {
        if (depth == 0)
        {
            return Leaf;
        }

        var inner = OfDepth(depth - 1);
        var some = inner.Array[0, 9];
        return Gen.Frequency(
            (3, Leaf),
            (3, some.Select(items => $"[{string.Join(", ", items)}]")),
            (3, Gen.Select(Key, inner).Array[0, 6].Select(pairs => $"{{ {string.Join(", ", pairs.Select(pair => $"{pair.Item1}: {pair.Item2}"))} }}")),
            (1, some.Select(items => $"new Set([{string.Join(", ", items)}])")),
            (1, Gen.Select(inner, inner).Array[0, 4].Select(pairs => $"new Map([{string.Join(", ", pairs.Select(pair => $"[{pair.Item1}, {pair.Item2}]"))}])")),
            (1, Gen.Int[0, 130].Select(OneOf("i", "i * 7 % 13", "'w' + i", "'w'.repeat(i % 9)", "-i", "i / 3", "[i]", "i % 2 === 0")).Select((count, item) => $"Array.from({{ length: {count} }}, (_, i) => {item})")));
    }
}
