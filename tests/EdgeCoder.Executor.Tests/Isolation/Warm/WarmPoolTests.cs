using System.Diagnostics;
using System.Globalization;
using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Isolation.Launcher;
using EdgeCoder.Executor.Running;
using EdgeCoder.Executor.Tests.Corpus;
using EdgeCoder.Executor.Verification;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Executor.Tests.Isolation.Warm;

/// <summary>Warm single-use processes, on this machine's real isolation. Alone, because one of them kills a launcher of this process.</summary>
[Collection(nameof(HostileProgramTests))]
public sealed class WarmPoolTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("namespaces")]
    [InlineData("landlock")]
    public async Task Warm_pool_passes_the_self_test(string mode)
    {
        await using var pool = (await WarmPlace.FindAsync(Enum.Parse<LaunchMode>(mode, ignoreCase: true))).Pool();

        var (canaries, refusal) = await SelfTest.RunAsync(pool.WarmOnly, Cancel);

        Assert.Null(refusal);
        Assert.NotEmpty(canaries);
    }

    [Fact]
    public async Task Jobs_beyond_the_lanes_wait_and_each_gets_its_own_answer()
    {
        await using var pool = (await WarmPlace.FindAsync()).Pool(lanes: 2);

        var printed = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => WarmPlace.PrintedAsync(pool, $"print({i})")));

        Assert.Equal(Enumerable.Range(0, 60).Select(i => $"{i}\n"), printed);
    }

    [Fact]
    public async Task Nothing_of_a_program_reaches_the_next()
    {
        await using var pool = (await WarmPlace.FindAsync()).Pool(lanes: 1);
        await WarmPlace.PrintedAsync(pool.WarmOnly, "import math, builtins, os\nmath.pi = 3\nbuiltins.len = None\nos.environ['LEFT'] = 'x'\nopen('/tmp/left', 'w').write('x')\n");

        var printed = await WarmPlace.PrintedAsync(pool.WarmOnly, "import math, os\nprint(math.pi > 3, len('ab'), 'LEFT' in os.environ, sorted(os.listdir('/tmp')))");

        Assert.Equal("True 2 False ['home', 'work']\n", printed);
    }

    [Fact]
    public async Task Hundred_runs_over_several_lanes_are_identical()
    {
        await using var pool = (await WarmPlace.FindAsync()).Pool(lanes: 2);
        const string program = "import random, time, os, locale\nprint(hash('x'), {'a', 'b', 'c'}, random.random(), time.tzname, os.getcwd(), sorted(os.environ), os.getpid(), locale.getlocale())";

        var printed = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => WarmPlace.PrintedAsync(pool, program)));

        Assert.Single(printed.Distinct());
        Assert.NotEqual("did not end", printed[0]);
    }

    [Fact]
    public async Task Zygote_is_replaced_after_its_number_of_jobs()
    {
        await using var pool = (await WarmPlace.FindAsync()).Pool(lanes: 1, jobsPerZygote: 3);

        for (var i = 0; i < 7; i++)
        {
            Assert.Equal("1\n", await WarmPlace.PrintedAsync(pool.WarmOnly, "print(1)"));
        }

        Assert.Equal(3, pool.Started);
    }

    [Fact]
    public async Task Zygote_that_is_killed_is_replaced()
    {
        await using var pool = (await WarmPlace.FindAsync()).Pool(lanes: 1);
        await WarmPlace.PrintedAsync(pool.WarmOnly, "print(1)");
        Process.GetProcessById(Launcher()).Kill();

        // The job that meets the dead zygote may be given back, never lost: it is run again then.
        var printed = await WarmPlace.PrintedAsync(pool, "print(2)");

        Assert.Equal("2\n", printed);
        Assert.Equal("3\n", await WarmPlace.PrintedAsync(pool, "print(3)"));
    }

    [Fact]
    public async Task Where_no_zygote_starts_jobs_get_processes_of_their_own()
    {
        await using var pool = (await WarmPlace.FindAsync()).Pool(start: () => throw new IOException("no zygote today"));

        var printed = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => WarmPlace.PrintedAsync(pool, $"print({i})")));

        Assert.Equal(Enumerable.Range(0, 6).Select(i => $"{i}\n"), printed);
        Assert.Equal("no zygote today", pool.Failure);
    }

    [Fact]
    public async Task Zygote_whose_canary_gets_out_stops_everything()
    {
        var place = (await WarmPlace.FindAsync()).WithoutLandlock();
        await using var pool = place.Pool(lanes: 1, start: () => place.Start(plan => plan with { Mounts = [.. plan.Mounts.Where(mount => mount.Path != "/etc/ld.so.cache"), new("/etc", MountKind.Directory)] }));

        var outcome = await pool.WarmOnly.RunAsync(WarmPlace.Job("print('it ran')"), Cancel);
        var later = await pool.RunAsync(WarmPlace.Job("print('it ran')"), Cancel);

        Assert.Equal(("read outside", "read outside"), (outcome.Escaped, later.Escaped));
        Assert.Equal("", outcome.Stdout.Text() + later.Stdout.Text());
    }

    [Fact]
    public async Task Job_that_is_cancelled_while_it_waits_never_starts()
    {
        await using var pool = (await WarmPlace.FindAsync()).Pool(lanes: 1);
        await WarmPlace.PrintedAsync(pool.WarmOnly, "print(1)");
        using var first = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        using var second = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var running = pool.WarmOnly.RunAsync(WarmPlace.Job("while True: pass", TimeSpan.FromMinutes(5)), first.Token);
        var waiting = pool.WarmOnly.RunAsync(WarmPlace.Job("print('it ran')"), second.Token);

        await second.CancelAsync();
        await first.CancelAsync();

        Assert.Equal(SandboxEnd.Cancelled, (await running).End);
        Assert.Equal((SandboxEnd.Cancelled, ""), ((await waiting).End, (await waiting).Stdout.Text()));
    }

    [Fact]
    public async Task Pool_that_is_disposed_cancels_what_runs()
    {
        var pool = (await WarmPlace.FindAsync()).Pool(lanes: 1);
        await WarmPlace.PrintedAsync(pool.WarmOnly, "print(1)");
        var running = pool.WarmOnly.RunAsync(WarmPlace.Job("while True: pass", TimeSpan.FromMinutes(5)), Cancel);

        await pool.DisposeAsync();

        Assert.Equal(SandboxEnd.Cancelled, (await running.WaitAsync(Patience, Cancel)).End);
        Assert.Equal(0, pool.Kept);
    }

    // A lane that took itself off the list and then looked at the queue found it disposed: the thread's exception ended the whole process.
    [Fact]
    public async Task Lane_that_leaves_while_its_pool_is_disposed_is_waited_for()
    {
        var place = await WarmPlace.FindAsync();
        await Parallel.ForAsync(0, 4000, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancel }, async (_, _) =>
        {
            var pool = place.Pool(lanes: 1, start: () => throw new IOException("no process can be had"));
            pool.Warm();
            await pool.DisposeAsync();
        });
    }

    [Fact]
    public async Task First_jobs_are_run_cold_where_that_is_asked_for()
    {
        using var data = new TemporaryDirectory();
        await using var executor = new CodeExecutor(new ExecutorOptions { DataDirectory = data.Path, WarmAfter = 2 }, subset: true);
        await executor.PrepareAsync(SnippetLanguage.Python, Cancel);

        for (var run = 0; run < 2; run++)
        {
            Assert.True((await executor.PythonAsync("pass")).Ok);
            Assert.Equal(0, executor.Kept);
        }

        Assert.True((await executor.PythonAsync("pass")).Ok);
        Assert.True(SpinWait.SpinUntil(() => executor.Kept > 0, Patience));
    }

    [Fact]
    public async Task Early_exit_is_seen_although_the_process_was_forked()
    {
        await using var pool = (await WarmPlace.FindAsync()).Pool(lanes: 1);

        var outcome = await pool.WarmOnly.RunAsync(WarmPlace.Job("import os\nos._exit(0)"), Cancel);

        Assert.Equal((SandboxEnd.Finished, 0, false), (outcome.End, outcome.Status, outcome.Report.Ended));
    }

    // The launcher that this thread's pool has started last.
    private static int Launcher() => Directory.EnumerateDirectories($"/proc/{Environment.ProcessId}/task")
        .SelectMany(task => Read(task + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(child => int.Parse(child, CultureInfo.InvariantCulture))
        .Where(child => Read($"/proc/{child}/comm").StartsWith("edgecoder-launc", StringComparison.Ordinal)).Max();

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return ""; // The thread or the process has ended meanwhile.
        }
    }
}
