using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Commands;
using EdgeCoder.Agent.Tools;
using ModelContextProtocol.Protocol;

namespace EdgeCoder.Agent.Mcp;

/// <summary>What the servers of a session are opened with.</summary>
internal sealed record McpOpening
{
    /// <summary>The servers that are listed.</summary>
    public required IReadOnlyList<McpServerEntry> Entries { get; init; }

    /// <summary>The project's root.</summary>
    public required string Root { get; init; }

    /// <summary>What a person approved.</summary>
    public required McpApprovals Approvals { get; init; }

    /// <summary>Policy of the project; a rule on the tool <c>mcp_server</c> denies a server by the first words of its command, or by its host.</summary>
    public required Policy Policy { get; init; }

    /// <summary>Class of the work.</summary>
    public required string DataClass { get; init; }

    /// <summary>How programs are run for the session.</summary>
    public required ProjectCommands Commands { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }
}

/// <summary>The servers of one session and their tools. What cannot be used is left out and told; it stops nothing.</summary>
internal sealed class McpServers : IAsyncDisposable
{
    private const string PolicyTool = "mcp_server";
    private const int LongestDescription = 1_024;

    private readonly List<McpServer> _servers = [];
    private readonly List<string> _notices = [];

    private McpServers()
    {
    }

    /// <summary>Their tools.</summary>
    public IReadOnlyList<ITool> Tools { get; private set; } = [];

    /// <summary>What was left out and why, for a person.</summary>
    public IReadOnlyList<string> Notices => _notices;

    /// <summary>
    /// Opens them: 1. one that nobody approved as it is listed now, that policy denies, or that is remote while the work is local, is not started; 2. the others are
    /// started side by side; 3. tools that are others than at the first use are left out; 4. so are names that two servers claim.
    /// </summary>
    public static async Task<McpServers> OpenAsync(McpOpening opening, CancellationToken cancellationToken)
    {
        var all = new McpServers();
        try
        {
            var starting = new List<(McpServer Server, McpApproval Approval, Task<IReadOnlyList<Tool>> Tools)>();
            foreach (var entry in opening.Entries)
            {
                if (all.Refusal(entry, opening, out var approval) is { } refusal)
                {
                    all._notices.Add(refusal);
                    continue;
                }

                IMcpLink link = entry.Url is null ? new SandboxedLink(entry, opening.Commands) : new RemoteLink(entry, opening.DataClass);
                var server = new McpServer(entry, link, opening.Time);
                all._servers.Add(server);
                starting.Add((server, approval!, server.StartAsync(cancellationToken)));
            }

            var offered = new List<ITool>();
            foreach (var (server, approval, tools) in starting)
            {
                try
                {
                    offered.AddRange(all.Offered(server, approval, await tools.ConfigureAwait(false), opening.Approvals));
                }
                catch (ToolException fault)
                {
                    all._notices.Add($"The MCP server {server.Entry.Name} cannot be used: {fault.Message}.");
                }
            }

            foreach (var claimed in offered.GroupBy(tool => tool.Name, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
            {
                all._notices.Add($"The tool {claimed.Key} is left out: {claimed.Count()} tools of MCP servers have that name.");
                offered.RemoveAll(tool => string.Equals(tool.Name, claimed.Key, StringComparison.OrdinalIgnoreCase));
            }

            all.Tools = offered;
            return all;
        }
        catch
        {
            await all.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_servers.Select(server => server.DisposeAsync().AsTask())).ConfigureAwait(false);

    private string? Refusal(McpServerEntry entry, McpOpening opening, out McpApproval? approval)
    {
        approval = null;
        if (entry.Url is not null && !DataClasses.MayLeave(opening.DataClass))
        {
            return $"The MCP server {entry.Name} is not used: it is on another machine or port, and this work is of class local.";
        }

        var action = new ToolAction
        {
            Tool = PolicyTool,
            Access = entry.Url is null ? ToolAccess.Execute : ToolAccess.Network,
            Summary = $"start the MCP server {entry.Name}",
            Command = entry.Url is null ? entry.Command : null,
            Host = entry.Url?.Host,
            Arguments = entry.Digest(opening.Root),
        };
        if (opening.Policy.Judge(action, ApprovalMode.Full, opening.DataClass) is { Effect: RuleEffect.Deny } denied)
        {
            return $"The MCP server {entry.Name} is not used: {denied.Reason}";
        }

        approval = opening.Approvals.Find(entry, opening.Root);
        return approval is not null ? null : $"The MCP server {entry.Name} is not used: nobody has approved {ForeignText.Line(entry.Line, 200)}. {Again(entry, "it")}";
    }

    private IEnumerable<ITool> Offered(McpServer server, McpApproval approval, IReadOnlyList<Tool> tools, McpApprovals approvals)
    {
        var digests = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var tool in tools)
        {
            digests[tool.Name ?? ""] = Digest(tool);
        }

        if (approval.Tools is null)
        {
            approvals.Pin(approval, digests);
        }

        foreach (var tool in tools)
        {
            if (approval.Tools is { } pinned && pinned.GetValueOrDefault(tool.Name ?? "") != digests[tool.Name ?? ""])
            {
                _notices.Add($"The tool {ForeignText.Line(tool.Name ?? "", 64)} of the MCP server {server.Entry.Name} is left out: it is new, or another one than when the server was approved. {Again(server.Entry, "it as it is now")}");
            }
            else if (McpNames.Of(server.Entry.Name, tool.Name) is not { } name || ForeignSchema.Read(tool.InputSchema) is not { } schema)
            {
                _notices.Add($"The tool {ForeignText.Line(tool.Name ?? "", 64)} of the MCP server {server.Entry.Name} is left out: its name or its schema is too long, or is none.");
            }
            else
            {
                yield return new McpServerTool(server, name, tool.Name!, $"[MCP server {server.Entry.Name}] {ForeignText.Line(tool.Description ?? "", LongestDescription)}", schema);
            }
        }
    }

    // What an editor gives is in no list that the command knows: the editor asks, once there is no approval.
    private static string Again(McpServerEntry entry, string what) => entry.Source == McpServerList.Editor
        ? $"To be asked about {what} in the next session: edgecoder mcp forget {entry.Name}"
        : $"To approve {what}: edgecoder mcp approve {entry.Name}";

    private static string Digest(Tool tool) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{tool.Name?.Length}:{tool.Name};{tool.Description?.Length}:{tool.Description};{tool.InputSchema.GetRawText()}")));
}
