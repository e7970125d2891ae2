using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Verification;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Executor.Tests;

/// <summary>E4: what is missing is said with its remedy, and nothing ever runs without isolation.</summary>
public sealed class AvailabilityTests
{
    private const string Probe = "print('it ran')";

    [Fact]
    public async Task Missing_bubblewrap_is_a_refusal_with_the_command()
    {
        using var place = new ToolDirectory("python3");

        var result = await CodeExecutor.Create(place.OnlyBubblewrap()).PythonAsync(Probe);

        AssertUnavailable(result, "apt-get install bubblewrap");
    }

    [Fact]
    public async Task Bubblewrap_stands_in_where_the_launcher_was_not_built()
    {
        using var place = new ToolDirectory("python3", "bwrap", "setpriv");
        var options = place.Options() with { LauncherDirectory = place.Directory["nothing"] };
        await using var executor = CodeExecutor.Create(options);

        var result = await executor.PythonAsync(Probe);
        var report = await ExecutorProbe.RunAsync(options, TestContext.Current.CancellationToken);

        Assert.Equal(("it ran\n", "namespaces"), (result.Stdout, result.Sandbox!.Backend));
        Assert.Contains("the launcher was not built", report.Attempts[0].Reason, StringComparison.Ordinal);
        Assert.Contains("gcc", report.Attempts[0].Remedy, StringComparison.Ordinal);
        Assert.Equal(SandboxState.Available, report.Attempts[1].State);
    }

    [Fact]
    public async Task Machine_without_any_back_end_hears_why_not_each()
    {
        using var place = new ToolDirectory("python3");
        await using var executor = CodeExecutor.Create(place.Options() with { LauncherDirectory = place.Directory["nothing"], LandlockAllowed = false });

        var result = await executor.PythonAsync(Probe);

        AssertUnavailable(result, "launcher-namespaces: the launcher was not built");
        Assert.Contains("bubblewrap: bubblewrap (bwrap) is not installed", result.Stderr, StringComparison.Ordinal);
        Assert.DoesNotContain("landlock:", result.Stderr, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SnippetLanguage.Python, "apt-get install python3")]
    [InlineData(SnippetLanguage.JavaScript, "apt-get install nodejs")]
    public async Task Missing_interpreter_is_a_refusal_with_the_command(SnippetLanguage language, string remedy)
    {
        using var place = new ToolDirectory();
        var executor = CodeExecutor.Create(place.Options() with { SearchPath = null, PythonPath = place.Directory["none"], NodePath = place.Directory["none"] });

        var result = await (language == SnippetLanguage.Python ? executor.PythonAsync(Probe) : executor.JavaScriptAsync("console.log(process.version)"));

        AssertUnavailable(result, remedy);
    }

    [Fact]
    public async Task Old_interpreter_is_named_with_its_version()
    {
        using var place = new ToolDirectory();
        var old = place.Script("old", "echo 3.6.15; echo /bin/sh");

        var result = await CodeExecutor.Create(place.Options() with { SearchPath = null, PythonPath = old }).PythonAsync(Probe);

        AssertUnavailable(result, "is version 3.6.15");
    }

    [Fact]
    public async Task Bubblewrap_that_fails_is_a_refusal_with_what_it_said()
    {
        using var place = new ToolDirectory();
        var options = place.WithBubblewrap("if [ \"$1\" = --version ]; then echo bubblewrap 0.8.0; else echo 'bwrap: No permissions to create new namespace' >&2; exit 1; fi");

        var result = await CodeExecutor.Create(options).PythonAsync(Probe);

        AssertUnavailable(result, "No permissions to create new namespace");
    }

    [Fact]
    public async Task Bubblewrap_that_isolates_nothing_is_not_used()
    {
        using var place = new ToolDirectory();
        var options = place.WithBubblewrap("if [ \"$1\" = --version ]; then echo bubblewrap 0.8.0; else echo ready >&4; exec /bin/true; fi");

        var result = await CodeExecutor.Create(options).PythonAsync(Probe);

        Assert.Equal(QueueReason.SandboxUnavailable, result.QueueReason);
        Assert.Equal("", result.Stdout);
    }

    [Theory]
    [InlineData(SandboxMode.Docker)]
    [InlineData(SandboxMode.Vm)]
    public async Task Mode_that_does_not_work_is_an_error_and_nothing_else_runs(SandboxMode mode)
    {
        using var place = new ToolDirectory();

        var result = await CodeExecutor.Create(place.Options() with { SearchPath = null, Mode = mode }).PythonAsync(Probe);

        AssertUnavailable(result, "not built in this version");
    }

    [Fact]
    public async Task Mode_none_runs_no_code()
    {
        using var place = new ToolDirectory();

        var result = await CodeExecutor.Create(place.Options() with { SearchPath = null, Mode = SandboxMode.None }).PythonAsync(Probe);

        Assert.Equal((QueueReason?)QueueReason.PolicyDenied, result.QueueReason);
        Assert.StartsWith("policy_denied: ", result.Stderr, StringComparison.Ordinal);
        Assert.Equal("", result.Stdout);
    }

    [Fact]
    public void Mode_none_where_a_sandbox_is_required_is_a_mistake()
    {
        var fault = Assert.Throws<ArgumentException>(() => CodeExecutor.Create(new ExecutorOptions { DataDirectory = "/nowhere", Mode = SandboxMode.None, SandboxRequired = true }));

        Assert.StartsWith("sandbox_required: ", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Remedy_that_was_applied_is_noticed_without_a_restart()
    {
        using var place = new ToolDirectory("python3", "setpriv");
        var executor = CodeExecutor.Create(place.OnlyBubblewrap());
        AssertUnavailable(await executor.PythonAsync(Probe), "bubblewrap");

        place.Link("bwrap");

        Assert.Equal("it ran\n", (await executor.PythonAsync(Probe)).Stdout);
    }

    [Fact]
    public async Task Shim_on_the_path_is_resolved_to_the_real_interpreter()
    {
        using var place = new ToolDirectory();
        var shim = place.Script("python3", "exec /usr/bin/python3 \"$@\"");
        var options = place.Options() with { SearchPath = null, PythonPath = shim };

        var report = await ExecutorProbe.RunAsync(options, TestContext.Current.CancellationToken);

        Assert.Equal(new FileInfo("/usr/bin/python3").ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? "/usr/bin/python3", report.Interpreters[0].Path);
    }

    [Fact]
    public async Task Report_names_every_back_end_and_what_the_self_test_tried()
    {
        using var place = new ToolDirectory();

        var report = await ExecutorProbe.RunAsync(place.Options() with { SearchPath = null }, TestContext.Current.CancellationToken);

        Assert.Equal("namespaces", report.Active);
        Assert.Equal(SandboxState.Available, report.Attempts[0].State);
        Assert.Equal(["namespaces", "namespaces", "landlock"], report.Attempts.Take(3).Select(attempt => attempt.Backend));
        Assert.Equal("wasm", report.Attempts[3].Backend);
        Assert.All(report.Attempts.Take(4), attempt => Assert.Equal(SandboxState.Available, attempt.State));
        Assert.All(report.Attempts.Skip(4), attempt => Assert.Equal(SandboxState.NotHere, attempt.State));
        Assert.All(report.Canaries, canary => Assert.True(canary.Contained, canary.ToString()));
        Assert.True(report.Canaries.Count >= 2 * CanaryPrograms.Names.Count);
        Assert.All(report.Interpreters, interpreter => Assert.NotNull(interpreter.Version));
    }

    [Fact]
    public async Task Report_of_a_machine_without_bubblewrap_has_the_remedy()
    {
        using var place = new ToolDirectory("python3");

        var report = await ExecutorProbe.RunAsync(place.OnlyBubblewrap(), TestContext.Current.CancellationToken);

        Assert.Null(report.Active);
        Assert.Equal("apt-get install bubblewrap", report.Attempts[0].Remedy);
    }

    [Theory]
    [InlineData("0", null, null, false, "user.max_user_namespaces")]
    [InlineData("1000", "0", null, false, "kernel.unprivileged_userns_clone")]
    [InlineData("1000", "1", "1", false, "kernel.apparmor_restrict_unprivileged_userns")]
    [InlineData("1000", "1", "0", true, "--security-opt")]
    [InlineData("1000", null, null, false, null)]
    public void Remedy_fits_the_settings_of_the_kernel(string? maximum, string? clone, string? appArmor, bool container, string? expected)
    {
        var remedy = NamespaceDiagnosis.Remedy("bwrap: No permissions to create new namespace", new() { MaximumNamespaces = maximum, UnprivilegedClone = clone, AppArmorRestricts = appArmor, Container = container });

        Assert.Equal(expected is null, remedy is null);
        Assert.Contains(expected ?? "", remedy ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Other_faults_do_not_get_the_remedy_for_namespaces() =>
        Assert.Null(NamespaceDiagnosis.Remedy("error while loading shared libraries", new() { MaximumNamespaces = "0", Container = true }));

    private static void AssertUnavailable(RunResult result, string remedy)
    {
        Assert.True(result.QueueReason == QueueReason.SandboxUnavailable, result.Show());
        Assert.StartsWith("sandbox_unavailable: ", result.Stderr, StringComparison.Ordinal);
        Assert.Contains(remedy, result.Stderr, StringComparison.Ordinal);
        Assert.Equal((1, false, ""), (result.ExitCode, result.QueueForCloud, result.Stdout));
    }

    /// <summary>A directory that is the whole PATH: only the tools that are linked into it exist.</summary>
    private sealed class ToolDirectory : IDisposable
    {
        public ToolDirectory(params string[] tools)
        {
            // Scripts in it are started by other users too.
            File.SetUnixFileMode(Directory.Path, (UnixFileMode)0x1ED);
            System.IO.Directory.CreateDirectory(Directory["bin"]);
            foreach (var tool in tools)
            {
                Link(tool);
            }
        }

        public TemporaryDirectory Directory { get; } = new();

        public ExecutorOptions Options() => new() { DataDirectory = Directory["data"], SearchPath = Directory["bin"], OnlySearchPath = true };

        public ExecutorOptions WithBubblewrap(string script)
        {
            Link("python3");
            Link("setpriv");
            Script("bin/bwrap", script);
            return OnlyBubblewrap();
        }

        public ExecutorOptions OnlyBubblewrap() => Options() with { OnlyBackEnd = BackEnds.Bubblewrap };

        public void Link(string tool) => File.CreateSymbolicLink(Directory["bin/" + tool], "/usr/bin/" + tool);

        public string Script(string name, string body)
        {
            var path = Directory.Write(name, "#!/bin/sh\n" + body + "\n");
            File.SetUnixFileMode(path, (UnixFileMode)0x1ED);
            return path;
        }

        public void Dispose() => Directory.Dispose();
    }
}
