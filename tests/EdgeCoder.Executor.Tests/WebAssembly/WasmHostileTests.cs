using EdgeCoder.Executor.Tests.Corpus;

namespace EdgeCoder.Executor.Tests.WebAssembly;

/// <summary>Every hostile JavaScript program in WebAssembly, whatever it needs, with the reason that the corpus has written down for it.</summary>
[Collection(nameof(HostileProgramTests))]
public sealed class WasmHostileTests(WasmFixture wasm)
{
    private static readonly RequestedLimits Limits = new() { Time = TimeSpan.FromSeconds(1) };

    public static TheoryData<string, string> Programs
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var parts in File.ReadLines(Path.Combine(Root, "expected.txt")).Select(line => line.Split(' ')).Where(parts => parts[0].EndsWith(".js", StringComparison.Ordinal)))
            {
                data.Add(parts[0], parts.Length > 3 ? parts[3] : "not written down");
            }

            return data;
        }
    }

    private static string Root => Path.Combine(AppContext.BaseDirectory, "Hostile");

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Hostile_program_reaches_nothing(string file, string expected)
    {
        using var host = new HostileHost();
        var program = (await File.ReadAllTextAsync(Path.Combine(Root, file), TestContext.Current.CancellationToken)).Replace("@CANARY_DIR@", host.Directory, StringComparison.Ordinal);

        var result = await wasm.RunAsync(program, limits: Limits);

        Assert.Empty(host.Escapes(result.Stdout + result.Stderr));
        var code = result.Ok ? "ok" : result.Detail!.Code;
        Assert.True(expected.Split('|').Contains(code), $"{file} ended with {code}, not {expected}: {result.Show()}");
    }
}
