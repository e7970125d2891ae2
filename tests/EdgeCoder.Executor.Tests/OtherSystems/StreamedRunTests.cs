using System.Text;
using EdgeCoder.Executor.Interpreters;
using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Isolation.Native;
using EdgeCoder.Executor.Runners;
using EdgeCoder.Executor.Running;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Tests.OtherSystems;

/// <summary>
/// How jobs are run where there is no process descriptor, tried on Linux: the same process class, pipes, thread and runner as on macOS. There is no sandbox around
/// these processes, so only programs of this file are run in them.
/// </summary>
public sealed class StreamedRunTests
{
    private const string Key = "0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData(SnippetLanguage.Python, "print('out', input())\nimport sys\nprint('err', file=sys.stderr)\nsys.exit(3)")]
    [InlineData(SnippetLanguage.JavaScript, "console.log('out', require('fs').readFileSync(0, 'utf8').trim()); console.error('err'); process.exitCode = 3")]
    public async Task Program_runs_with_its_input_output_and_exit_code(SnippetLanguage language, string program)
    {
        var result = await RunAsync(language, program, stdin: "given\n");

        Assert.Equal((3, "out given\n", "err\n", "runtime_error"), (result.ExitCode, result.Stdout, result.Stderr, result.Detail?.Code));
    }

    [Theory]
    [InlineData("timeout_wall", "while True: pass")]
    [InlineData("exited_early", "import os\nos._exit(0)\nprint()")]
    [InlineData("exited_early", "import os\nos.close(4)\nos._exit(0)\nprint()")]
    [InlineData("output_limit", "while True: print('x' * 1000)")]
    [InlineData("crashed", "import os\nos.abort()")]
    [InlineData("outside_subset", "import socket")]
    public async Task Each_end_has_its_reason(string reason, string program)
    {
        var result = await RunAsync(SnippetLanguage.Python, program, asked: reason == "timeout_wall" ? new() { Time = TimeSpan.FromSeconds(1) } : null);

        Assert.True(RunReasons.CodeOf(result) == reason, result.Show());
    }

    [Fact]
    public async Task Limit_that_the_host_watches_ends_the_run()
    {
        var result = await RunAsync(SnippetLanguage.Python, "open('begun', 'w').close()\nwhile True: pass", exceeds: SandboxEnd.MemoryLimit);

        Assert.Equal((QueueReason.MemoryLimit, "memory"), (result.QueueReason!.Value, result.Limits.Hit));
    }

    [Fact]
    public async Task Runner_that_never_is_ready_is_no_sandbox()
    {
        var outcome = await OutcomeAsync("/bin/sh", ["/bin/sh", "-c", "echo no >&2; exit 7"], SnippetLanguage.Python, "", null, null, TestContext.Current.CancellationToken);

        Assert.Equal((SandboxEnd.Finished, 7, false, "no\n"), (outcome.End, outcome.Status, outcome.Report.Ready, outcome.Stderr.Text()));
    }

    [Fact]
    public async Task Cancelled_run_is_ended_with_its_whole_group()
    {
        using var cancel = new CancellationTokenSource();
        var pids = new List<int>();
        // A child in the same group must go, too.
        var running = OutcomeAsync("/bin/sh", ["/bin/sh", "-c", "sleep 1000 & echo $! ; wait"], SnippetLanguage.Python, "", null, process =>
        {
            pids.Add(process.Pid);
            cancel.Cancel();
        }, cancel.Token);

        Assert.Equal(SandboxEnd.Cancelled, (await running).End);
        Assert.All(pids, pid => Assert.False(Directory.Exists($"/proc/{pid}")));
    }

    [Fact]
    public async Task Python_that_cannot_confine_itself_does_not_become_the_runner()
    {
        using var place = new RunDirectory([.. RunnerFiles.For(SnippetLanguage.Python).Files, ("seatbelt.py", RunnerFiles.Seatbelt), ("profile.sb", "(version 1)"u8.ToArray())], []);
        var python = await InterpreterAsync(SnippetLanguage.Python);
        var outcome = await OutcomeAsync(
            python.Path, [python.Path, "-s", "-S", "-B", place.RunnerDirectory + "/seatbelt.py", place.Scratch, place.RunnerDirectory + "/profile.sb", "NOFILE=64"], SnippetLanguage.Python, "", place, null,
            TestContext.Current.CancellationToken);

        Assert.False(outcome.Report.Ready);
        Assert.Contains("sandbox_init", outcome.Stderr.Text(), StringComparison.Ordinal);
        Assert.NotEqual(0, outcome.Status);
    }

    private static async Task<RunResult> RunAsync(SnippetLanguage language, string program, string? stdin = null, SandboxEnd? exceeds = null, RequestedLimits? asked = null)
    {
        using var place = new RunDirectory(RunnerFiles.For(language).Files, Encoding.UTF8.GetBytes(stdin ?? ""));
        var interpreter = await InterpreterAsync(language);
        var limits = LimitPlan.Read(language, asked ?? Snippets.Patient).Plan!;
        IReadOnlyList<string> arguments = [.. InterpreterCommand.Arguments(interpreter, limits, $"{place.RunnerDirectory}/{RunnerFiles.For(language).Files[0].Name}"), place.Scratch];
        var outcome = await OutcomeAsync(interpreter.Path, arguments, language, program, place, null, TestContext.Current.CancellationToken, exceeds, stdin, limits);
        return RunVerdict.Judge(language, limits, testsGiven: false, "solution", new() { Backend = "none", Digest = "" }, outcome);
    }

    private static async Task<SandboxOutcome> OutcomeAsync(
        string path, IReadOnlyList<string> arguments, SnippetLanguage language, string program, RunDirectory? place, Action<SpawnedProcess>? started, CancellationToken cancellationToken, SandboxEnd? exceeds = null, string? stdin = null, LimitPlan? limits = null)
    {
        var request = Snippets.Request(language, language == SnippetLanguage.Python ? "py" : "js", program, null, stdin: stdin);
        limits ??= LimitPlan.Read(language, Snippets.Patient).Plan!;
        var job = new SandboxJob { Limits = limits, Frame = SnippetFrame.Build(request, Key, true, limits, false).Frame!, Key = Key };
        await using var process = new WatchedProcess(path, arguments, place?.InputFile ?? "/dev/null", () => place is not null && File.Exists(Path.Combine(place.Scratch, "work", "begun")) ? exceeds : null);
        started?.Invoke(process);
        return await StreamedRun.RunAsync(process, job, TimeProvider.System.GetTimestamp(), TimeProvider.System, cancellationToken);
    }

    private static async Task<Interpreter> InterpreterAsync(SnippetLanguage language) =>
        (await InterpreterLocator.FindAsync(language, null, Environment.GetEnvironmentVariable("PATH")!, everybody: false, TestContext.Current.CancellationToken)).Interpreter!;

    /// <summary>A process whose watcher says what the test says, once the program runs.</summary>
    private sealed class WatchedProcess(string path, IReadOnlyList<string> arguments, string input, Func<SandboxEnd?> exceeds)
        : SpawnedProcess(path, arguments, ["PATH=/usr/bin:/bin", "LANG=C.UTF-8", "PYTHONUTF8=1"], input)
    {
        public override SandboxEnd? Exceeds(LimitPlan limits) => exceeds();
    }
}
