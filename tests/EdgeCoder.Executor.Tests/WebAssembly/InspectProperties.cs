using CsCheck;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Executor.Tests.WebAssembly;

/// <summary>What QuickJS prints is what node prints: the same program in both.</summary>
public sealed class InspectProperties(WasmFixture wasm) : IDisposable
{
    private static readonly RequestedLimits Large = new() { OutputBytes = 4 << 20, Time = TimeSpan.FromSeconds(60) };

    // Their text is not the language's to say: what native functions look like, and typed arrays as text.
    private static readonly string[] OfTheEngine = ["Math", "Reflect", "JSON", "globalThis", "Symbol", "Array([", "function", "=>", "class"];

    private readonly TemporaryDirectory data = new();

    [Fact]
    public Task Every_kind_of_value_is_shown_as_in_node() => AssertSameAsync(JavaScriptValues.All.Select(value => $"util.inspect(({value}))"));

    [Fact]
    public Task Generated_values_are_shown_as_in_node() => AssertSameAsync(Generated(300).Select(value => $"util.inspect(({value}))"));

    [Theory]
    [InlineData("{ depth: 0 }")]
    [InlineData("{ depth: null, maxArrayLength: null }")]
    [InlineData("{ compact: false, depth: 5 }")]
    [InlineData("{ compact: 1 }")]
    [InlineData("{ breakLength: 120, depth: 6, maxArrayLength: 200 }")]
    [InlineData("{ breakLength: Infinity }")]
    [InlineData("{ sorted: true }")]
    [InlineData("{ maxArrayLength: 2, maxStringLength: 5 }")]
    public Task Options_mean_what_they_mean_in_node(string options) => AssertSameAsync(Generated(60).Concat(JavaScriptValues.All).Select(value => $"util.inspect(({value}), {options})"));

    [Fact]
    public Task Formats_are_those_of_node() => AssertSameAsync(
        from value in JavaScriptValues.All
        where !OfTheEngine.Any(word => value.Contains(word, StringComparison.Ordinal))
        from format in new[] { "'%s'", "'%d|%i|%f'", "'%j'", "'%O %%'", "'a%sb', 1", "'%x'", "'%'" }
        select $"((v) => {{ try {{ return util.format({format}, v, v) }} catch (e) {{ return e.name }} }})({value})");

    [Fact]
    public Task Texts_are_ordered_as_in_node()
    {
        const string Letters = "aAbBzZnñÑéÉêeEäÄoöóuü019 _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$\t";
        var words = new List<string>();
        Gen.Char[Letters].Array[0, 5].Select(characters => new string(characters)).Array[500].Sample(words.AddRange, iter: 1, threads: 1);
        var literals = words.Select(word => System.Text.Json.JsonSerializer.Serialize(word)).ToList();
        return AssertSameAsync(literals.Zip(literals.Skip(1), (a, b) => $"{a}.localeCompare({b})").Append($"[{string.Join(", ", literals)}].sort((a, b) => a.localeCompare(b)).join('|')"));
    }

    public void Dispose() => data.Dispose();

    private static List<string> Generated(int count)
    {
        var values = new List<string>();
        JavaScriptValues.Any.Array[count].Sample(values.AddRange, iter: 1, threads: 1);
        return values;
    }

    private async Task AssertSameAsync(IEnumerable<string> expressions)
    {
        var all = expressions.ToList();
        var program = $"const util = require('util')\nconst all = [\n{string.Join(",\n", all.Select(expression => $"() => {expression}"))}\n]\nfor (const each of all) console.log(JSON.stringify(each()))";
        await using var node = new CodeExecutor(new ExecutorOptions { DataDirectory = data.Path, JavaScript = JavaScriptEngine.Node }, subset: false);

        var expected = await node.JavaScriptAsync(program, limits: Large);
        var actual = await wasm.RunAsync(program, limits: Large);

        Assert.True(expected.Ok, expected.Show());
        Assert.True(actual.Ok, actual.Show());
        var differences = all.Zip(expected.Stdout.Split('\n'), actual.Stdout.Split('\n')).Where(row => row.Second != row.Third).Select(row => $"{row.First}\n  node    {row.Second}\n  quickjs {row.Third}").ToList();
        Assert.True(differences.Count == 0, $"{differences.Count} of {all.Count} differ:\n{string.Join('\n', differences.Take(25))}");
    }
}
