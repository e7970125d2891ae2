using EdgeCoder.Executor.Isolation;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Tests.Corpus;

/// <summary>The hostile corpus on this machine's back-end, with the subset check and without it. Alone, because processes are counted.</summary>
[Collection(nameof(HostileProgramTests))]
[CollectionDefinition(nameof(HostileProgramTests), DisableParallelization = true)]
public sealed class HostileProgramTests(ExecutorFixture fixture)
{
    // Short enough for a corpus with many endless programs.
    private static readonly RequestedLimits Limits = new() { Time = TimeSpan.FromMilliseconds(250) };
    private static readonly RequestedLimits PatientLimits = new() { Time = TimeSpan.FromSeconds(10) };

    /// <summary>
    /// The corpus in two parts, which processes of their own can run side by side (see the script <c>test</c>). Without namespaces the system counts threads
    /// by user, so a bomb is felt by the others of its user: those kinds are in one part, one after the other.
    /// </summary>
    public static IReadOnlyList<string> Parts { get; } = ["corpus-1", "corpus-2"];

    public static TheoryData<string, string, string, string> Programs
    {
        get
        {
            var data = new TheoryData<string, string, string, string>();
            foreach (var kind in ExecutorFixture.Kinds)
            {
                foreach (var line in Expected.Where(line => kind != ExecutorFixture.WebAssemblyKind || line[0].EndsWith(".js", StringComparison.Ordinal)))
                {
                    // What another kind of isolation answers differently stands behind its name.
                    var other = line.Skip(3).Select(part => part.Split('=')).Where(part => kind.EndsWith(part[0], StringComparison.Ordinal)).Select(part => part[1]).FirstOrDefault();
                    data.Add(new TheoryDataRow<string, string, string, string>(kind, line[0], other is null || line[1] == "outside_subset" ? line[1] : other, other ?? line[2])
                        .WithTrait("part", PartOf(kind)));
                }
            }

            return data;
        }
    }

    private static string PartOf(string kind) => kind == BackEnds.Bubblewrap || kind.EndsWith(BackEnds.LauncherLandlock, StringComparison.Ordinal) ? Parts[1] : Parts[0];

    private static IEnumerable<string[]> Expected => File.ReadLines(Path.Combine(Root, "expected.txt")).Where(line => line.Length > 0 && !line.StartsWith('#')).Select(line => line.Split(' '));

    private static string Root => Path.Combine(AppContext.BaseDirectory, "Hostile");

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task Hostile_program_reaches_nothing(string kind, string file, string expectedWithSubset, string expectedAlone)
    {
        await AssertContainedAsync(fixture.On(kind, subset: true), file, expectedWithSubset);

        // A program that the check lets pass has run already.
        if (expectedWithSubset == "outside_subset")
        {
            await AssertContainedAsync(fixture.On(kind, subset: false), file, expectedAlone);
        }
    }

    [Fact]
    public void Every_program_of_the_corpus_has_an_expected_reason()
    {
        var files = Directory.EnumerateFiles(Root, "*.*", SearchOption.AllDirectories).Where(file => file.EndsWith(".py", StringComparison.Ordinal) || file.EndsWith(".js", StringComparison.Ordinal));

        Assert.Equal(files.Select(file => Path.GetRelativePath(Root, file)).Order(StringComparer.Ordinal), Expected.Select(line => line[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Judge_notices_a_program_that_did_get_out()
    {
        using var host = new HostileHost(fixture);
        File.WriteAllText(Path.Combine(host.Directory, "pwned"), "x");

        Assert.Equal(2, host.Escapes($"the secret is {HostileHost.Secret}").Count);
    }

    private async Task AssertContainedAsync(ICodeExecutor executor, string file, string expected)
    {
        // A busy machine must not make a slow program an endless one: what was ended too early has a second, patient run.
        if (await ContainedAsync(executor, file, Limits) is var first && !expected.Split('|').Contains(first.Code) && (first.Code == "timeout_wall" || first.Result.Detail?.Rule == "check.crashed"))
        {
            first = await ContainedAsync(executor, file, PatientLimits);
        }

        Assert.True(expected.Split('|').Contains(first.Code), $"{first.Code} instead of {expected}: {first.Result.Show()}");
    }

    private async Task<(string Code, RunResult Result)> ContainedAsync(ICodeExecutor executor, string file, RequestedLimits limits)
    {
        using var host = new HostileHost(fixture);
        var program = host.Address(await File.ReadAllTextAsync(Path.Combine(Root, file), TestContext.Current.CancellationToken));
        var result = file.EndsWith(".py", StringComparison.Ordinal)
            ? await executor.PythonAsync(program, limits: limits)
            : await executor.JavaScriptAsync(program, limits: limits);

        var escapes = host.Escapes(result.Stdout + WithoutQuotedSource(result, program));
        Assert.True(escapes is [], $"{string.Join(", ", escapes)}: {result.Show()}");
        Assert.NotNull(result.Sandbox);
        return (result.Ok ? "ok" : result.Detail!.Code, result);
    }

    // A traceback quotes the program's own lines, and some of them contain the word that must not be printed.
    private static string WithoutQuotedSource(RunResult result, string program)
    {
        var source = program.Split('\n').Select(line => line.Trim()).ToHashSet(StringComparer.Ordinal);
        return string.Join('\n', result.Stderr.Split('\n').Where(line => !source.Contains(line.Trim())));
    }
}
