using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.SystemTests.Start;

/// <summary>The start script of the repository, in a copy of the tree where a program that prints its arguments stands for the built one.</summary>
public sealed class StartScriptTests : IDisposable
{
    private readonly TemporaryDirectory _tree = new();
    private readonly string _script;

    public StartScriptTests()
    {
        _script = _tree["edgecoder"];
        File.Copy(Path.Combine(Repository.Root, "edgecoder"), _script);
        foreach (var name in (string[])["src/a.cs", "eng/a.txt", "Directory.Build.props", "global.json"])
        {
            _tree.Write(name, "");
        }

        var program = _tree.Write("artifacts/program/current/edgecoder", "#!/bin/sh\nprintf '<%s>' \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _tree.Write("artifacts/program/built", "");
    }

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData("<run><a b><--json>", "run", "a b", "--json")]
    [InlineData("<run><a b><--json>", "run", "a b", "--", "--json")]
    [InlineData("<run><a b><--json>", "--", "run", "a b", "--json")]
    [InlineData("<run><a b><--lang=js><--><x>", "run", "a b", "--", "--lang=js", "--", "x")]
    [InlineData("<run><--><-- is a comment in SQL>", "run", "--", "-- is a comment in SQL")]
    [InlineData("<--version>", "--", "--version")]
    [InlineData("<run><>", "run", "")]
    public async Task Arguments_reach_the_program(string expected, params string[] arguments)
    {
        var result = await RunAsync(PathWith("bwrap", "python3"), arguments);
        Assert.Equal((0, expected), (result.ExitCode, result.Output));
    }

    [Fact]
    public async Task A_missing_sandbox_is_named_with_the_command_that_installs_it()
    {
        var result = await RunAsync(PathWith("apt-get"), "--no-install", "run", "x");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("apt-get install -y --no-install-recommends bubblewrap python3", result.Error, StringComparison.Ordinal);
        Assert.Equal("", result.Output);
    }

    [Fact]
    public async Task Root_gets_the_missing_package_installed_and_is_told_why()
    {
        var calls = _tree["calls"];
        var path = PathWith("apt-get", "python3");
        Script(Path.Combine(path, "id"), "echo 0");
        Script(Path.Combine(path, "apt-get"), $"echo \"$@\" >> {calls}");
        var result = await RunAsync(path, "run", "x");
        Assert.Equal((0, "<run><x>"), (result.ExitCode, result.Output));
        Assert.Contains("Installing bubblewrap (generated code runs in an isolated Python)", result.Error, StringComparison.Ordinal);
        Assert.Contains("install -y --no-install-recommends bubblewrap", await File.ReadAllTextAsync(calls, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_installation_that_fails_stops_with_the_command()
    {
        var path = PathWith("apt-get", "python3");
        Script(Path.Combine(path, "id"), "echo 0");
        Script(Path.Combine(path, "apt-get"), "echo E: Unable to locate package; exit 100");
        var result = await RunAsync(path, "run", "x");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Unable to locate package", result.Error, StringComparison.Ordinal);
        Assert.Contains("then run: apt-get install", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("models", "list")]
    [InlineData("doctor")]
    [InlineData("run", "--help")]
    public async Task Commands_that_run_no_code_need_no_sandbox(params string[] arguments) =>
        Assert.Equal(0, (await RunAsync(PathWith(), arguments)).ExitCode);

    [Fact]
    public async Task A_changed_source_file_needs_a_build_and_a_missing_sdk_is_named()
    {
        File.SetLastWriteTimeUtc(_tree["artifacts/program/built"], DateTime.UnixEpoch);
        var result = await RunAsync(PathWith("bwrap", "python3"), "models");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(".NET 10 SDK is missing", result.Error, StringComparison.Ordinal);
    }

    private Task<ProgramResult> RunAsync(string path, params string[] arguments) =>
        ProgramRun.ToEndAsync(_script, arguments, new Dictionary<string, string> { ["PATH"] = path, ["HOME"] = _tree.Path });

    // A PATH with the ordinary tools that the script itself uses, and just these programs besides.
    private string PathWith(params string[] programs)
    {
        var path = _tree["bin"];
        Directory.CreateDirectory(path);
        foreach (var tool in (string[])["bash", "env", "readlink", "dirname", "id", "find", "uname", "mkdir", "flock", "tail", "ls", "grep", "date", "touch", "cut", "tr"])
        {
            var real = ((string[])["/usr/bin", "/bin"]).Select(folder => Path.Combine(folder, tool)).First(File.Exists);
            File.CreateSymbolicLink(Path.Combine(path, tool), real);
        }

        foreach (var program in programs)
        {
            Script(Path.Combine(path, program), "exit 0");
        }

        return path;
    }

    private static void Script(string path, string body)
    {
        File.Delete(path);
        File.WriteAllText(path, "#!/bin/sh\n" + body + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
