using System.Text;
using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Isolation.Entry;
using EdgeCoder.Executor.Isolation.Landlock;
using EdgeCoder.Executor.Isolation.Launcher;
using EdgeCoder.Executor.Isolation.Native;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Tests.Isolation.Launcher;

/// <summary>What the kernel says about a program that the launcher started, and what is left of it afterwards.</summary>
public sealed class LauncherIsolationTests
{
    private const string Waiting = "import sys\nprint('here', flush=True)\nsys.stdin.read()\nimport time\ntime.sleep(600)";

    [Theory]
    [InlineData("Namespaces")]
    [InlineData("Landlock")]
    public async Task Program_has_no_privilege_left(string mode)
    {
        var kind = await LauncherKind.FindAsync(mode, "Python");
        using var program = LaunchedProgram.Start(kind.Tool, Program(kind, Waiting));
        Assert.Equal("here\n", program.Line());

        var status = program.Status();
        var end = program.End();

        Assert.Equal(128 + 9, end);
        Assert.All(new[] { "CapInh", "CapPrm", "CapEff", "CapAmb" }, set => Assert.Equal("0000000000000000", status[set]));
        Assert.Equal(("1", "2", "1"), (status["NoNewPrivs"], status["Seccomp"], status["Seccomp_filters"]));
        Assert.DoesNotContain("0", status["Uid"].Split('\t'));
        Assert.Equal(mode == "Namespaces", status["NSpid"].Split('\t') is [_, "1"]);
        Assert.True(mode == "Landlock" || status["CapBnd"] == "0000000000000000");
    }

    [Fact]
    public async Task Zygote_keeps_what_it_needs_to_make_children_and_nothing_else()
    {
        const string Source = """
            import ctypes, os
            libc = ctypes.CDLL(None, use_errno=True)
            print(os.getpid(), os.getuid(), os.getcwd(), os.listdir("/tmp"), flush=True)
            print(libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 14, b"size=4096"), libc.unshare(0x20000000), libc.prctl(38, 0, 0, 0, 0) == 0, flush=True)
            pid = os.fork()
            if pid == 0:
                print("child", os.getpid(), flush=True)
                os._exit(0)
            os.waitpid(pid, 0)
            try:
                open("/canary", "w")
            except OSError as error:
                print(error, flush=True)
            """;
        var kind = await LauncherKind.FindAsync("Namespaces", "Python");
        var limits = LimitPlan.Read(kind.Language, new()).Plan!;
        var plan = kind.Planner.Zygote(limits, [("probe.py", Encoding.UTF8.GetBytes(Source + "\n" + Waiting))], [kind.Planner.Interpreter.Path, "-S", "/edgecoder/probe.py"]);
        using var program = LaunchedProgram.Start(kind.Tool, plan);

        // The fourth line tries to write into the root; after the fifth it stays for as long as it is looked at.
        Assert.Equal(("1 1000 / []\n", "0 0 False\n", "child 1\n"), (program.Line(), program.Line(), program.Line()));
        Assert.Contains("Read-only file system", program.Line(), StringComparison.Ordinal);
        Assert.Equal("here\n", program.Line());
        var status = program.Status();

        Assert.All(new[] { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" }, set => Assert.Equal("0000000000200100", status[set])); // CAP_SYS_ADMIN, CAP_SETPCAP
        Assert.Equal(("1", "0"), (status["NoNewPrivs"], status["Seccomp"]));
        program.End();
    }

    [Theory]
    [InlineData("a file that is not there", "could not read /usr/lib/not-there: No such file or directory")]
    [InlineData("an interpreter that is not there", "could not open /usr/bin/not-there: No such file or directory")]
    [InlineData("a program that is none", "could not execute /usr/share/zoneinfo/UTC: ")]
    [InlineData("a limit that is upside down", "could not set the FileSize limit: Invalid argument")]
    [InlineData("half a filter", "could not install the system-call filter: Invalid argument")]
    public async Task Step_that_fails_says_which_and_why(string fault, string expected)
    {
        var kind = await LauncherKind.FindAsync("Namespaces", "Python");

        var result = await kind.RunAsync("pass", plan => fault switch
        {
            "a file that is not there" => plan with { Mounts = [.. plan.Mounts, new("/usr/lib/not-there", MountKind.File)] },
            "an interpreter that is not there" => plan with { Program = "/usr/bin/not-there" },
            "a program that is none" => plan with { Program = "/usr/share/zoneinfo/UTC" },
            "a limit that is upside down" => plan with { Limits = [(ResourceLimit.FileSize, 2, 1)] },
            _ => plan with { Filter = plan.Filter[..^8] },
        });

        Assert.Equal(Protocol.Runs.QueueReason.SandboxUnavailable, result.QueueReason);
        Assert.Contains(expected, result.Stderr, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_with_neither_namespaces_nor_enough_of_Landlock_is_refused()
    {
        var kind = await LauncherKind.FindAsync("Landlock", "Python");

        var without = await kind.RunAsync("pass", plan => plan with { Landlock = null });
        var old = await kind.RunAsync("pass", plan => plan with { Landlock = LandlockPolicy.For(2, [], [], "/usr/lib", "/tmp") });

        Assert.All([without, old], result => Assert.Contains("neither namespaces nor a Landlock layer that holds without them", result.Stderr, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Launcher_of_another_parent_refuses()
    {
        var kind = await LauncherKind.FindAsync("Namespaces", "Python");

        var result = await kind.RunAsync("pass", plan => plan with { HostPid = 1 });

        Assert.Contains("the launcher could not find its host", result.Stderr, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Namespaces")]
    [InlineData("Landlock")]
    public async Task Launcher_holds_nothing_open_of_its_host(string mode)
    {
        var kind = await LauncherKind.FindAsync(mode, "Python");
        var leaked = Libc.Open("/etc/passwd", 0); // without close-on-exec
        try
        {
            using var program = LaunchedProgram.Start(kind.Tool, Program(kind, Waiting));
            Assert.Equal("here\n", program.Line());
            var launcher = program.Status()["PPid"];

            var held = Directory.EnumerateFileSystemEntries($"/proc/{launcher}/fd").Select(file => new FileInfo(file).LinkTarget!).ToList();

            // The one pipe is standard error, for its own words: whoever waits for the end of another one must not wait for the launcher.
            Assert.Single(held, target => target.StartsWith("pipe:", StringComparison.Ordinal));
            Assert.DoesNotContain("/etc/passwd", held);
            Assert.DoesNotContain(held, target => target.Contains("memfd", StringComparison.Ordinal));
            program.End();
        }
        finally
        {
            _ = Libc.Close(leaked);
        }
    }

    [Fact]
    public async Task Threads_are_bounded_without_namespaces_too()
    {
        var kind = await LauncherKind.FindAsync("Landlock", "Python");

        var result = await kind.RunAsync(
            """
            import threading
            gate, started = threading.Event(), 0
            try:
                while started < 5000:
                    threading.Thread(target=gate.wait, daemon=True).start()
                    started += 1
            except RuntimeError:
                pass
            print(started < 200)
            gate.set()
            """,
            asked: new() { Time = TimeSpan.FromMinutes(1) });

        Assert.Equal("True\n", result.Stdout);
    }

    [Fact]
    public async Task Scratch_directory_is_gone_whatever_is_in_it()
    {
        var kind = await LauncherKind.FindAsync("Landlock", "Python");

        var result = await kind.RunAsync(
            """
            import os
            print(os.environ["TMPDIR"], flush=True)
            os.symlink("/etc", "link")
            open(b"\xff\xfe\n", "w").close()
            os.close(os.open("file", os.O_CREAT | os.O_WRONLY, 0))
            os.mkdir("closed", 0)
            for _ in range(400):
                os.mkdir("d" * 50)
                os.chdir("d" * 50)
            os.mkdir("closed", 0)
            """,
            asked: new() { Time = TimeSpan.FromMinutes(1) });

        // The host may have ended it: a tree that is deeper than any path is more than a program may have.
        var scratch = result.Stdout.Trim();
        Assert.StartsWith("/tmp/edgecoder-scratch-", scratch, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.GetDirectoryName(scratch)));
        Assert.True(Directory.Exists("/etc"));
    }

    [Fact]
    public async Task Scratch_directory_of_a_killed_launcher_is_removed_by_the_next_one()
    {
        var kind = await LauncherKind.FindAsync("Landlock", "Python");
        using var first = LaunchedProgram.Start(kind.Tool, Program(kind, Waiting));
        using var second = LaunchedProgram.Start(kind.Tool, Program(kind, Waiting));
        Assert.Equal(("here\n", "here\n"), (first.Line(), second.Line()));
        var (abandoned, alive) = (first.Answer.Scratch, second.Answer.Scratch);

        first.KillLauncher();
        var left = Directory.Exists(abandoned);
        await kind.RunAsync("pass");

        Assert.True(left);
        Assert.False(Directory.Exists(abandoned));
        Assert.True(Directory.Exists(alive));
        second.End();
        Assert.False(Directory.Exists(alive));
    }

    [Fact]
    public void Missing_launcher_says_what_was_missing_when_it_was_built()
    {
        var directory = Directory.CreateTempSubdirectory("edgecoder-test-");
        try
        {
            Assert.Contains("there is no edgecoder-launcher", LauncherTool.Find(directory.FullName).Refusal!.Reason, StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(directory.FullName, "edgecoder-launcher.missing"), "no C compiler was found at build time\n");

            var refusal = LauncherTool.Find(directory.FullName).Refusal!;

            Assert.Equal("the launcher was not built: no C compiler was found at build time. To fix it: apt-get install gcc libc6-dev, and build again", refusal.Message);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static LaunchPlan Program(LauncherKind kind, string source) =>
        kind.Planner.OneShot(LimitPlan.Read(kind.Language, new()).Plan!, [("probe.py", Encoding.UTF8.GetBytes(source))]);
}
