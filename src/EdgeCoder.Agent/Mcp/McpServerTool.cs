using System.Text.Json;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Redaction;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Mcp;

/// <summary>
/// A tool of a server, as the session's other tools: its calls are checked against its schema, decided on and recorded like theirs. What a server says of its own
/// harmlessness does not count: a call of it is asked for like a command, one that leaves the machine like any use of the network.
/// </summary>
internal sealed class McpServerTool(McpServer server, string name, string remoteName, string description, JsonElement schema) : ITool
{
    private const int ShownArguments = 200;

    private static readonly Redactor Secrets = new([]);

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public string Description => description;

    /// <inheritdoc/>
    public JsonElement Schema => schema;

    /// <inheritdoc/>
    public ToolAccess Access => server.Entry.Url is null ? ToolAccess.Execute : ToolAccess.Network;

    /// <inheritdoc/>
    /// <remarks>A program of this machine sees the worktree read-only, an address sees nothing of it.</remarks>
    public bool Changes => false;

    /// <inheritdoc/>
    public ToolAction Describe(JsonElement arguments)
    {
        var text = arguments.Canonical();
        if (server.Entry.Url is not null && Secrets.Redact(text).Text != text)
        {
            throw new ToolException($"The arguments hold what looks like a secret or a name of this machine, and {name} would send them away. Leave it out.");
        }

        var shown = ForeignText.Line(text, ShownArguments);
        return new()
        {
            Tool = name,
            Access = Access,
            Summary = server.Entry.Url is { } url ? $"send to the MCP server {server.Entry.Name} at {url.Host}: {ForeignText.Line(remoteName, 64)} {shown}" : $"call the MCP server {server.Entry.Name}: {ForeignText.Line(remoteName, 64)} {shown}",
            Host = server.Entry.Url?.Host,
            Arguments = text,
        };
    }

    /// <inheritdoc/>
    public Task<ToolResult> RunAsync(ToolCall call, CancellationToken cancellationToken) => server.CallAsync(remoteName, call.Arguments, cancellationToken);
}
