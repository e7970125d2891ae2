using System.Text.Json;
using EdgeCoder.Agent.Commands;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Executor;
using EdgeCoder.Executor.Commands;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Files;
using Xunit;

namespace EdgeCoder.Agent.Tests.Commands;

/// <summary>A small project in a directory, with the real sandbox and the tools of commands.</summary>
public sealed class SampleProject : IDisposable
{
    // One for all: the canaries run once.
    private static readonly TemporaryDirectory Data = new();
    private static readonly ProjectSandbox Shared = new(new ExecutorOptions { DataDirectory = Data.Path });

    private readonly TemporaryDirectory directory = new();
    private readonly TemporaryDirectory session = new();
    private readonly ProjectRoot root;

    /// <summary>An empty one.</summary>
    public SampleProject()
    {
        root = ProjectRoot.Open(directory.Path);
        Commands = new ProjectCommands
        {
            Sandbox = Shared,
            Root = root,
            Name = "sample",
            Denied = _ => ValueTask.FromResult<IReadOnlyList<string>>([.. Denied]),
            SessionDirectory = session.Path,
        };
    }

    /// <summary>Where it is.</summary>
    public string Path => directory.Path;

    /// <summary>Denied paths.</summary>
    public List<string> Denied { get; } = [];

    /// <summary>What was told.</summary>
    public List<SessionEvent> Events { get; } = [];

    /// <summary>How commands are run.</summary>
    internal ProjectCommands Commands { get; set; }

    /// <summary>Its tree for detection.</summary>
    internal EdgeCoder.Agent.TestCommands.ProjectTree Tree => new(root);

    /// <summary>Writes a file.</summary>
    public void Write(string name, string text)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text.ReplaceLineEndings("\n"));
    }

    /// <summary>Calls a tool.</summary>
    internal Task<ToolResult> CallAsync(ITool tool, string arguments) =>
        tool.RunAsync(new ToolCall("1", JsonElement.Parse(arguments), Events.Add), TestContext.Current.CancellationToken);

    /// <summary>Runs its tests.</summary>
    internal Task<ToolResult> TestAsync(string arguments = "{}", IReadOnlyList<string>? given = null) => CallAsync(new RunTestsTool(Commands, new ProjectTests(Commands, given)), arguments);

    /// <summary>Runs a command.</summary>
    internal Task<ToolResult> CommandAsync(string arguments) => CallAsync(new RunCommandTool(Commands), arguments);

    /// <inheritdoc/>
    public void Dispose()
    {
        root.Dispose();
        directory.Dispose();
        session.Dispose();
    }
}
