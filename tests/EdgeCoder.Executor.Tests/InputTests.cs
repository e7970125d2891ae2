using System.Globalization;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Tests;

/// <summary>Odd input: a clear reason each, never an exception, never a hang. And E8: large source, equal runs.</summary>
public sealed class InputTests(ExecutorFixture fixture)
{
    [Theory]
    [InlineData(SnippetLanguage.Python)]
    [InlineData(SnippetLanguage.JavaScript)]
    public async Task Empty_program_is_ok(SnippetLanguage language) => Assert.True((await RunAsync(language, "")).Ok);

    [Theory]
    [InlineData(SnippetLanguage.Python, "x = 1\nprint(x)\n#")]
    [InlineData(SnippetLanguage.JavaScript, "console.log(1)\n//")]
    public async Task Source_longer_than_an_argument_runs(SnippetLanguage language, string program)
    {
        var result = await RunAsync(language, program + new string('x', 3 << 20));

        Assert.Equal("1\n", result.Stdout);
    }

    [Theory]
    [InlineData(SnippetLanguage.Python)]
    [InlineData(SnippetLanguage.JavaScript)]
    public async Task Source_of_ten_mebibytes_is_refused(SnippetLanguage language)
    {
        var result = await RunAsync(language, new string(' ', 10 << 20));

        Assert.Equal((QueueReason.OutsideSubset, "source.size"), (result.QueueReason!.Value, result.Detail!.Rule));
    }

    [Theory]
    [InlineData(SnippetLanguage.Python, "print(len('@'))")]
    [InlineData(SnippetLanguage.JavaScript, "console.log('@'.length)")]
    public async Task Lone_surrogate_becomes_a_replacement_character(SnippetLanguage language, string program) =>
        Assert.Equal("1\n", (await RunAsync(language, program.Replace('@', '\ud800'))).Stdout);

    [Theory]
    [InlineData(SnippetLanguage.Python, "print(1)\0")]
    [InlineData(SnippetLanguage.JavaScript, "console.log(1)\0")]
    public async Task Nul_byte_is_a_syntax_error(SnippetLanguage language, string program) => Assert.Equal(QueueReason.SyntaxError, (await RunAsync(language, program)).QueueReason);

    [Theory]
    [InlineData(SnippetLanguage.Python, '(')]
    [InlineData(SnippetLanguage.Python, '-')]
    [InlineData(SnippetLanguage.Python, '[')]
    [InlineData(SnippetLanguage.JavaScript, '(')]
    [InlineData(SnippetLanguage.JavaScript, '[')]
    [InlineData(SnippetLanguage.JavaScript, '!')]
    public async Task Deep_source_is_refused_not_crashed_on(SnippetLanguage language, char open)
    {
        var result = await RunAsync(language, new string(open, 100_000) + "1" + new string(open == '(' ? ')' : ']', open is '-' or '!' ? 0 : 100_000));

        Assert.True(result.QueueReason is QueueReason.OutsideSubset or QueueReason.SyntaxError or QueueReason.RuntimeError or QueueReason.MemoryLimit, result.Show());
        Assert.NotEqual("sandbox_unavailable", result.Detail?.Code);
    }

    [Fact]
    public async Task Output_that_is_not_utf8_is_shown_with_replacement_characters()
    {
        var result = await fixture.Executor.PythonAsync("import sys\nsys.stdout.buffer.write(b'a\\xffb')");

        Assert.Equal("a\uFFFDb", result.Stdout);
    }

    [Theory]
    [InlineData("../x.py")]
    [InlineData("/x.py")]
    [InlineData("a//b.py")]
    [InlineData("")]
    [InlineData("a b.py")]
    [InlineData("x\0.py")]
    public async Task File_name_that_leaves_is_refused(string name)
    {
        var result = await fixture.Executor.RunAsync(new RunRequest { Language = SnippetLanguage.Python, Files = [new(name, "pass")] }, TestContext.Current.CancellationToken);

        Assert.Equal("source.name", result.Detail?.Rule);
    }

    [Fact]
    public async Task Two_files_of_one_name_are_refused()
    {
        var result = await fixture.Executor.RunAsync(
            new RunRequest { Language = SnippetLanguage.Python, Files = [new("solution.py", "pass")], Tests = [new("solution.py", "assert True")] }, TestContext.Current.CancellationToken);

        Assert.Equal("source.name", result.Detail?.Rule);
    }

    [Fact]
    public async Task No_file_is_refused()
    {
        var result = await fixture.Executor.RunAsync(new RunRequest { Language = SnippetLanguage.Python, Files = [] }, TestContext.Current.CancellationToken);

        Assert.Equal("source.name", result.Detail?.Rule);
    }

    [Theory]
    [InlineData(0, 256L << 20, 65536L)]
    [InlineData(-1, 256L << 20, 65536L)]
    [InlineData(100_000_000, 256L << 20, 65536L)]
    [InlineData(1000, 0L, 65536L)]
    [InlineData(1000, long.MaxValue, 65536L)]
    [InlineData(1000, 256L << 20, 0L)]
    [InlineData(1000, 256L << 20, long.MaxValue)]
    public async Task Absurd_limit_is_refused_by_name(int milliseconds, long memory, long output)
    {
        var result = await fixture.Executor.PythonAsync("print(1)", limits: new() { Time = TimeSpan.FromMilliseconds(milliseconds), MemoryBytes = memory, OutputBytes = output });

        Assert.Equal((QueueReason.PolicyDenied, ""), (result.QueueReason!.Value, result.Stdout));
        Assert.Contains("limit lies between", result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Larger_memory_limit_is_in_force()
    {
        var result = await fixture.Executor.PythonAsync("x = b'x' * (400 << 20)\nprint(len(x))", limits: new() { MemoryBytes = 512 << 20 });

        Assert.Equal((400 << 20).ToString(CultureInfo.InvariantCulture) + "\n", result.Stdout);
    }

    [Theory]
    [InlineData(SnippetLanguage.Python, "import random, os, time, locale, sys\nprint(hash('x'), random.random(), {str(i) for i in range(50)}, time.tzname, sys.flags.utf8_mode, os.getcwd(), __file__, sorted(os.environ), id is None, os.getpid(), sys.argv)")]
    [InlineData(SnippetLanguage.JavaScript, "console.log(Math.random(), new Date(0).toString(), process.cwd(), __filename, process.env, process.pid, process.argv[1], Intl.DateTimeFormat().resolvedOptions().timeZone)")]
    public async Task Hundred_runs_give_the_same_output(SnippetLanguage language, string program)
    {
        var outputs = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 100), new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = TestContext.Current.CancellationToken }, async (_, _) =>
        {
            var result = await RunAsync(language, program);
            Assert.True(result.Ok, result.Show());
            outputs.AddOrUpdate(result.Stdout, 1, (_, count) => count + 1);
        });

        Assert.Single(outputs);
    }

    [Fact]
    public async Task Many_runs_at_once_do_not_mix()
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, 20), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.Current.CancellationToken }, async (number, _) =>
            Assert.Equal($"{number}\n", (await fixture.Executor.PythonAsync($"print({number})")).Stdout));
    }

    private Task<RunResult> RunAsync(SnippetLanguage language, string program) =>
        language == SnippetLanguage.Python
            ? fixture.Executor.PythonAsync(program, limits: new() { Time = TimeSpan.FromSeconds(20) })
            : fixture.Executor.JavaScriptAsync(program, limits: new() { Time = TimeSpan.FromSeconds(20) });
}
