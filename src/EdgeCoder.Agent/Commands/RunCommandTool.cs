using System.Globalization;
using System.Text.Json;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.TestCommands;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Executor.Commands;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Commands;

/// <summary><c>run_command</c>: a program of the project in the sandbox (agent-executor-models 2.3).</summary>
internal sealed class RunCommandTool(ProjectCommands commands) : ITool
{
    private const int UsualSeconds = 30;

    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"required":["command"],"properties":{
        "command":{"description":"Program and arguments as an array of strings, which needs no quoting; or a script text for sh.",
        "anyOf":[{"type":"array","minItems":1,"items":{"type":"string"}},{"type":"string","minLength":1}]},
        "cwd":{"type":"string","description":"Directory, relative to the project's root. Default: the root."},
        "timeout":{"type":"number","minimum":1,"description":"Seconds after which it is ended. Default 30."},
        "network":{"type":"boolean","description":"Whether it needs the network; a person is asked each time. Default false."}}}
        """);

    /// <inheritdoc/>
    public string Name => "run_command";

    private int Longest => Math.Max(1, (int)commands.LongestTime.TotalSeconds);

    /// <inheritdoc/>
    public IReadOnlyList<string> Aliases => ["run_shell"];

    /// <inheritdoc/>
    public string Description =>
        "Runs a program in the project: no network unless asked for, nothing outside the project can be changed, files with secrets show as empty. Use run_tests for the tests.";

    /// <inheritdoc/>
    public JsonElement Schema => Shape;

    /// <inheritdoc/>
    public ToolAccess Access => ToolAccess.Network;

    /// <inheritdoc/>
    public ToolAction Describe(JsonElement arguments)
    {
        var (words, script) = Words(arguments);
        Directory(arguments);
        var network = arguments.Flag("network");
        if (network && !commands.NetworkPossible)
        {
            throw new ToolException("There is no network for commands in this session. Go on without it; dependencies that are installed on the machine are there.");
        }

        var shown = script ? words[^1] : CommandLine.Join(words);
        return new ToolAction
        {
            Tool = Name,
            Access = network ? ToolAccess.Network : ToolAccess.Execute,
            Summary = $"run {shown}{(network ? " with the network" : "")}",
            Command = words,
            Script = script,
            Arguments = arguments.Canonical(),
        };
    }

    /// <inheritdoc/>
    public async Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var action = Describe(call.Arguments);
        var (words, directory) = (action.Command!, Directory(call.Arguments));
        var time = TimeSpan.FromSeconds(call.Arguments.Number("timeout", Math.Min(UsualSeconds, Longest), 1, Longest));
        call.Emit(new ShellRequestEvent { Id = call.Id, Command = words, Cwd = directory.ToString(), Network = action.Access == ToolAccess.Network });
        var command = await commands.CommandAsync(words, directory, cancellationToken).ConfigureAwait(false) with
        {
            Network = action.Access == ToolAccess.Network,
            Limits = new CommandLimits { Time = time, OutputBytes = PlainOutput.StreamBytes },
        };
        var outcome = await commands.Sandbox.RunAsync(command, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        call.Emit(CommandResult.Event(call.Id, outcome));
        return CommandResult.Of(outcome, time);
    }

    private static (IReadOnlyList<string> Words, bool Script) Words(JsonElement arguments)
    {
        var command = arguments.GetProperty("command");
        if (command.ValueKind == JsonValueKind.String)
        {
            var text = command.GetString()!;
            return text.Trim().Length == 0 || text.Contains('\0', StringComparison.Ordinal) ? throw new ToolException("command is empty, or holds a zero byte.") : (["sh", "-c", text], true);
        }

        var words = command.EnumerateArray().Select(word => word.GetString()!).ToList();
        return words.Count == 0 || words[0].Length == 0 || words.Exists(word => word.Contains('\0', StringComparison.Ordinal))
            ? throw new ToolException("command needs a program as its first word, and no word may hold a zero byte.")
            : (words, false);
    }

    private ProjectPath Directory(JsonElement arguments)
    {
        var path = commands.Parse(arguments.TextOrNull("cwd") ?? "");
        return path.Value.Length == 0 || commands.Root.Look(path) is { Kind: EntryKind.Directory } ? path : throw new ToolException($"cwd: there is no directory {path} in the project.");
    }
}
