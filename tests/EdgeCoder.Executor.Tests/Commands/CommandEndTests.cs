using System.Text;
using EdgeCoder.Executor.Commands;
using Xunit;

namespace EdgeCoder.Executor.Tests.Commands;

/// <summary>How commands end, and that nothing of them is left (failure mode R5).</summary>
[Collection(CommandCollection.Name)]
public sealed class CommandEndTests(CommandFixture fixture)
{
    private readonly Worktree worktree = new(fixture);

    [Theory]
    [InlineData("sleep 60")]
    [InlineData("trap '' TERM INT HUP QUIT; while :; do :; done")]
    [InlineData("(setsid sleep 60 &) ; (setsid sh -c 'trap \"\" TERM; sleep 60' >/dev/null 2>&1 &); sleep 60")]
    [InlineData("sleep 60 & exec sleep 60")]
    public async Task Time_limit_ends_the_whole_tree(string script)
    {
        var mark = Guid.NewGuid().ToString("N");
        var command = Marked($"echo begun; {script}", mark) with { Limits = new CommandLimits { Time = TimeSpan.FromSeconds(2) } };
        var outcome = await worktree.RunAsync(command);
        Assert.InRange(outcome.Duration.TotalSeconds, 2, 50); // By itself it would end after a minute, or never.
        Assert.Equal((CommandEnd.TimedOut, 124), (outcome.End, outcome.ExitCode));
        Assert.Equal("begun\n", outcome.Stdout.ToString());
        Assert.Empty(Processes.With($"MARK={mark}"));
    }

    [Fact]
    public async Task What_a_command_leaves_behind_ends_with_it()
    {
        var mark = Guid.NewGuid().ToString("N");
        var outcome = await worktree.RunAsync(Marked("(setsid sleep 60 &); setsid sh -c 'sleep 60 & sleep 60' & echo done; exit 0", mark));
        Assert.Equal((CommandEnd.Exited, 0), (outcome.End, outcome.ExitCode));
        Assert.True(outcome.Duration < TimeSpan.FromSeconds(50));
        Assert.Empty(Processes.With($"MARK={mark}"));
    }

    [Fact]
    public async Task Cancellation_ends_it()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var begun = new TaskCompletionSource();
        var mark = Guid.NewGuid().ToString("N");
        var running = fixture.Sandbox.RunAsync(Marked("echo begun; sleep 60", mark) with { OnOutput = _ => begun.TrySetResult() }, cancel.Token);
        await begun.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.NotEmpty(Processes.With($"MARK={mark}"));
        await cancel.CancelAsync();
        var outcome = await running;
        Assert.True(outcome.Duration < TimeSpan.FromSeconds(50)); // By itself it would end after a minute.
        Assert.Equal((CommandEnd.Cancelled, 137), (outcome.End, outcome.ExitCode));
        Assert.Equal("begun\n", outcome.Stdout.ToString());
        Assert.Empty(Processes.With($"MARK={mark}"));
    }

    [Fact]
    public async Task Output_is_bounded_and_head_tail_and_gap_are_kept()
    {
        var command = worktree.Script("echo first; head -c 300000 /dev/zero | tr '\\0' x; echo; echo last") with { Limits = new CommandLimits { OutputBytes = 1000 } };
        var outcome = await worktree.RunAsync(command);
        Assert.Equal((500, 500, 300_012 - 1000), (outcome.Stdout.Head.Length, outcome.Stdout.Tail.Length, outcome.Stdout.Dropped));
        Assert.StartsWith("first\n", outcome.Stdout.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("\nlast\n", outcome.Stdout.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endless_output_ends_the_command()
    {
        var told = 0L;
        var command = worktree.Script("yes") with { Limits = new CommandLimits { MostOutputBytes = 1 << 20, OutputBytes = 4096 }, OnOutput = output => told += output.Bytes.Length };
        var outcome = await worktree.RunAsync(command);
        Assert.Equal((CommandEnd.OutputLimit, 137), (outcome.End, outcome.ExitCode));
        Assert.InRange(told, 1, 1 << 20);
    }

    [Fact]
    public async Task Output_is_told_as_it_comes()
    {
        var (normal, error) = (new StringBuilder(), new StringBuilder());
        var command = worktree.Script("echo one; echo two >&2; echo three") with { OnOutput = output => (output.IsError ? error : normal).Append(Encoding.UTF8.GetString(output.Bytes.Span)) };
        await worktree.RunAsync(command);
        Assert.Equal(("one\nthree\n", "two\n"), (normal.ToString(), error.ToString()));
    }

    [Theory]
    [InlineData("no-such-program-anywhere", 127)]
    [InlineData("./missing", 127)]
    [InlineData("./plain", 126)]
    [InlineData("./directory", 126)]
    public async Task Program_that_cannot_be_executed_is_told(string program, int code)
    {
        worktree.Write("plain", "text");
        worktree.Write("directory/file", "");
        var outcome = await worktree.RunAsync(worktree.Command(program) with { ToolChains = false });
        Assert.Equal((CommandEnd.NotStarted, code), (outcome.End, outcome.ExitCode));
    }

    [Fact]
    public async Task Signal_is_told()
    {
        var outcome = await worktree.RunAsync(worktree.Script("kill -SEGV $$"));
        Assert.Equal((CommandEnd.Signalled, 139), (outcome.End, outcome.ExitCode));
    }

    [Fact]
    public async Task Code_124_of_the_program_itself_is_no_time_limit()
    {
        var outcome = await worktree.RunAsync(worktree.Script("exit 124"));
        Assert.Equal((CommandEnd.Exited, 124), (outcome.End, outcome.ExitCode));
    }

    [Fact]
    public async Task Input_is_what_was_given_and_else_at_its_end()
    {
        var given = await worktree.RunAsync(worktree.Script("cat") with { Input = "some\ninput"u8.ToArray() });
        var none = await worktree.RunAsync(worktree.Script("cat; echo end"));
        Assert.Equal(("some\ninput", "end\n"), (given.Stdout.ToString(), none.Stdout.ToString()));
    }

    [Fact]
    public async Task Memory_process_and_file_limits_hold()
    {
        var limits = new CommandLimits { MemoryBytes = 200 << 20, Processes = 20, FileBytes = 1 << 20 };
        worktree.Write("limits.py", """
            import os, sys
            try: bytearray(400 << 20); print("memory done")
            except MemoryError: print("memory refused")
            made = []
            try:
                for _ in range(100):
                    pid = os.fork()
                    if pid == 0:
                        import signal; signal.pause(); os._exit(0)
                    made.append(pid)
                print("processes done")
            except OSError: print("processes refused", len(made) < 20)
            for pid in made: os.kill(pid, 9)
            import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            try:
                with open("big", "wb") as file: file.write(b"x" * (2 << 20)); file.flush()
                print("file done")
            except OSError: print("file refused")
            """);
        var outcome = await worktree.RunAsync(worktree.Command("python3", "limits.py") with { Limits = limits });
        Assert.Equal("memory refused\nprocesses refused True\nfile refused\n", outcome.Stdout.ToString());
    }

    [Fact]
    public async Task Command_is_what_the_kernel_ends_first_when_memory_runs_out() =>
        Assert.Equal("1000\n", (await worktree.RunAsync(worktree.Script("cat /proc/self/oom_score_adj"))).Stdout.ToString());

    [Fact]
    public async Task Many_at_once_do_not_mix()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 24).Select(number => worktree.RunAsync(worktree.Script($"echo {number} > /tmp/mine; sleep 0.1; cat /tmp/mine; exit {number}"))));
        Assert.Equal(Enumerable.Range(0, 24).Select(number => (number, $"{number}\n")), outcomes.Select(outcome => (outcome.ExitCode, outcome.Stdout.ToString())));
    }

    [Fact]
    public async Task Fork_bomb_ends_at_the_time_limit()
    {
        var command = worktree.Script("b() { b | b & }; b; sleep 60") with { Limits = new CommandLimits { Time = TimeSpan.FromSeconds(2), Processes = 64 } };
        var outcome = await worktree.RunAsync(command);
        Assert.Equal(CommandEnd.TimedOut, outcome.End);
    }

    private ProjectCommand Marked(string script, string mark) => worktree.Script(script) with { Environment = new Dictionary<string, string> { ["MARK"] = mark } };

    [Fact]
    public async Task Command_that_no_caller_may_build_throws()
    {
        var good = worktree.Script("true");
        ProjectCommand[] wrong =
        [
            good with { Arguments = [] }, good with { Arguments = ["a\0b"] }, good with { WorkingDirectory = "relative" }, good with { WorkingDirectory = "/project/../etc" },
            good with { Mounts = [new("relative", "/x")] }, good with { Mounts = [new("/tmp/../etc", "/x")] }, good with { Mounts = [new("/no/such/place", "/x")] },
            good with { Masked = ["../x"] }, good with { Environment = new Dictionary<string, string> { ["A=B"] = "" } }, good with { Limits = new CommandLimits { Time = TimeSpan.Zero } },
        ];
        foreach (var command in wrong)
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => worktree.RunAsync(command));
        }
    }
}
