using System.Text.Json;
using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Ignores;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Search;
using EdgeCoder.Agent.Secrets;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Agent.Trust;

namespace EdgeCoder.IdeProvider.Mcp;

/// <summary>
/// <c>search_repository</c>: the agent's own search, in a root that a person has trusted. Files with secrets stay closed, and so do files that a policy labels:
/// nobody knows where the client sends what it reads.
/// </summary>
internal sealed class SearchRepositoryTool(McpPlaces places, TimeProvider time) : McpTool
{
    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"required":["root","pattern"],"properties":{
        "root":{"type":"string","minLength":1,"description":"Absolute path of the project's directory; a person must have trusted it: edgecoder trust DIRECTORY."},
        "pattern":{"type":"string","minLength":1,"maxLength":4096,"description":"Regular expression, matched within lines; no look-around and no backreferences."},
        "path":{"type":"string","description":"Directory or file to search, relative to the root. Default: the root."},
        "include":{"type":"string","description":"Glob of files to search, for instance *.py or src/**/*.{ts,tsx}. Default: all."},
        "context":{"type":"integer","minimum":0,"maximum":20,"description":"Lines to show before and after each match, 0 to 20. Default 0."},
        "ignore_case":{"type":"boolean","description":"Letters match in any case. Default false."},
        "max_results":{"type":"integer","minimum":1,"maximum":1000,"description":"Most matching lines to show, 1 to 1000. Default 50; all are counted."}}}
        """);

    /// <inheritdoc/>
    public override string Name => "search_repository";

    /// <inheritdoc/>
    public override string Description =>
        "Searches the lines of a trusted project's files for a regular expression and shows 'path:line: text', at most 64 KiB. Ignored and binary files are left out, and files with secrets or a label of their own are never shown.";

    /// <inheritdoc/>
    public override JsonElement Schema => Shape;

    /// <inheritdoc/>
    public override async Task<McpAnswer> RunAsync(McpCall call, CancellationToken cancellationToken)
    {
        var given = call.Arguments.Text("root");
        if (!Path.IsPathFullyQualified(given))
        {
            throw new McpFault("root_not_absolute", $"{given} is not an absolute path.", "Give the full path of the project's directory.");
        }

        using var root = ProjectRoot.OpenProject(given, places.Data);
        if (!new TrustStore(places.Data, time).IsTrusted(root.Directory))
        {
            throw new McpFault("root_not_trusted", $"Nobody has trusted {root.Directory}, so nothing of it was read.", $"A person has to run: edgecoder trust {root.Directory}");
        }

        var policy = new PolicyStore(places.ManagedPolicy ?? PolicyPlaces.Managed, places.Config, places.Data, root.Directory).Load([], []);
        var secrets = new SecretFilePolicy([.. policy.SecretFiles, .. policy.NarrowerThan("mesh")]);
        var tool = new SearchFilesTool(new ProjectFiles(root, secrets, IgnoreRules.Create(root), new ReadLedger()));
        var result = await tool.RunAsync(new ToolCall("mcp", call.Arguments, _ => { }), cancellationToken).ConfigureAwait(false);
        return new(result.Text);
    }
}
