using EdgeCoder.Executor.Commands;

namespace EdgeCoder.Executor.Tests.Commands;

/// <summary>A directory that commands of a test may change, and what they are run with.</summary>
internal sealed class Worktree(CommandFixture fixture)
{
    /// <summary>Where commands see it.</summary>
    public const string Target = "/project/sample";

    /// <summary>Where it is.</summary>
    public string Directory { get; } = fixture.NewDirectory("worktree");

    /// <summary>Writes a file and gives its full path on this machine.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(Directory, name);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>A command in it.</summary>
    public ProjectCommand Command(params string[] arguments) => new()
    {
        Arguments = arguments,
        WorkingDirectory = Target,
        Mounts = [new(Directory, Target, Writable: true)],
    };

    /// <summary>A script of the shell in it.</summary>
    public ProjectCommand Script(string text) => Command("sh", "-c", text) with { ToolChains = false };

    /// <summary>Runs a command.</summary>
    public Task<CommandOutcome> RunAsync(ProjectCommand command) => fixture.Sandbox.RunAsync(command, Xunit.TestContext.Current.CancellationToken);
}
