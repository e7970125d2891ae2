using System.Text.Json;
using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Repositories;

/// <summary>
/// Policy proves itself before the first real tool call (agent-executor-models 2.5): the session's own kinds of tools try, in a directory made for it, what
/// must fail. The sandbox's own canaries (files, writing outside, network, limits) are tried by the sandbox itself.
/// </summary>
/// <param name="policy">Policy of the session.</param>
/// <param name="dataClass">Its class.</param>
/// <param name="tools">Makes the session's tools on another directory.</param>
internal sealed class PolicyCanaries(Policy policy, string dataClass, Func<string, CanaryTools> tools)
{
    private const string Secret = "canary-secret-7f3a1c";
    private static readonly ToolAction Connecting = new() { Tool = "run_command", Access = ToolAccess.Network, Summary = "connect", Command = ["curl"], Host = "canary.invalid", Arguments = "{}" };

    /// <summary>What was reached that must not be; null when all canaries failed.</summary>
    public async Task<string?> ProveAsync(string directory, CancellationToken cancellationToken)
    {
        var root = Path.Combine(directory, "root");
        Directory.CreateDirectory(Path.Combine(root, ".git", "hooks"));
        try
        {
            await File.WriteAllTextAsync(Path.Combine(root, ".env"), Secret, cancellationToken).ConfigureAwait(false);
            await File.WriteAllTextAsync(Path.Combine(root, ".git", "config"), Secret, cancellationToken).ConfigureAwait(false);
            await File.WriteAllTextAsync(Path.Combine(directory, "outside.txt"), Secret, cancellationToken).ConfigureAwait(false);
            using var own = tools(root);
            return await FilesAsync(own.Tools, root, directory, cancellationToken).ConfigureAwait(false) ?? Network() ?? Budget();
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<string?> FilesAsync(IReadOnlyList<ITool> tools, string root, string directory, CancellationToken cancellationToken)
    {
        foreach (var (tool, arguments, what) in new[]
        {
            ("read_file", """{"path":".env"}""", "a denied file was read"),
            ("read_file", """{"path":".git/config"}""", "git's settings were read"),
            ("read_file", """{"path":"../outside.txt"}""", "a file outside the root was read"),
            ("search_files", $$"""{"pattern":"{{Secret}}"}""", "a search showed a denied file"),
            ("write_file", """{"path":"../written.txt","content":"x"}""", "a file outside the root was written"),
            ("write_file", """{"path":".git/hooks/post-commit","content":"x"}""", "a hook was written"),
        })
        {
            if (await ReachesAsync(tools, tool, arguments, cancellationToken).ConfigureAwait(false))
            {
                return what;
            }
        }

        return File.Exists(Path.Combine(directory, "written.txt")) || File.Exists(Path.Combine(root, ".git", "hooks", "post-commit")) ? "a file was written that must not be" : null;
    }

    private static async Task<bool> ReachesAsync(IReadOnlyList<ITool> tools, string name, string json, CancellationToken cancellationToken)
    {
        if (tools.FirstOrDefault(t => t.Name == name) is not { } tool)
        {
            return false;
        }

        using var arguments = JsonDocument.Parse(json);
        try
        {
            tool.Describe(arguments.RootElement);
            var result = await tool.RunAsync(new ToolCall("canary", arguments.RootElement, static _ => { }), cancellationToken).ConfigureAwait(false);
            return tool.Access != ToolAccess.Read || result.Text.Contains(Secret, StringComparison.Ordinal) && name != "search_files" || result.Shown.Count > 0;
        }
        catch (ToolException)
        {
            return false;
        }
    }

    private string? Network() => !DataClasses.MayLeave(dataClass) && policy.Judge(Connecting, ApprovalMode.Full, dataClass).Effect != RuleEffect.Deny
        ? "local work was given network"
        : null;

    private static string? Budget() =>
        new SessionMeter(new SessionBudget(0, 0, TimeSpan.Zero), TimeSpan.Zero, TimeProvider.System).Exhausted(forModelCall: true) is null ? "a spent budget was passed over" : null;
}

/// <summary>Tools on a directory, with what they hold open.</summary>
/// <param name="Tools">The tools.</param>
/// <param name="Root">What is closed with them.</param>
internal sealed record CanaryTools(IReadOnlyList<ITool> Tools, IDisposable Root) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Root.Dispose();
}
