using EdgeCoder.Agent.Mcp;
using EdgeCoder.Agent.RepositoryMaps;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Secrets;
using EdgeCoder.Agent.Trust;
using EdgeCoder.Agent.Workspaces;

namespace EdgeCoder.Agent.Repositories;

/// <summary>Sites on this machine.</summary>
internal sealed class LocalSites(RepositoryParts parts) : IRepositorySites
{
    private readonly WorkspaceStore _workspaces = new(parts.DataDirectory, parts.Sandbox, parts.Time);

    /// <inheritdoc/>
    public string Resolve(string root)
    {
        using var project = ProjectRoot.OpenProject(root, parts.DataDirectory);
        return new TrustStore(parts.DataDirectory, parts.Time).IsTrusted(project.Directory)
            ? project.Directory
            : throw new RepositoryException("root_not_trusted", $"{project.Directory} is not trusted: its files and tests would be run here.", $"Look at it first, then: edgecoder trust {project.Directory}");
    }

    /// <inheritdoc/>
    public async Task<IRepositorySite> OpenAsync(SiteOrder order, CancellationToken cancellationToken)
    {
        var secrets = new SecretFilePolicy(order.Policy.SecretFiles, order.Task.AllowedSecrets);
        var workspace = order.Resumes
            ? await _workspaces.OpenAsync(order.SessionId, secrets.IsDenied, cancellationToken).ConfigureAwait(false)
            : await _workspaces.BeginAsync(
                new WorkspaceRequest { SessionId = order.SessionId, Root = order.Task.Root, CarryUncommitted = order.Task.CarryUncommitted, IsDenied = secrets.IsDenied },
                cancellationToken).ConfigureAwait(false);
        try
        {
            var canaries = new PolicyCanaries(order.Policy, order.Policy.DataClass(order.Task.DataClass), directory =>
            {
                var root = ProjectRoot.Open(directory);
                return new CanaryTools(LocalSite.ToolsOn(root, secrets), root);
            });
            var commands = new CommandSite(
                parts.Sandbox,
                Path.Combine(parts.DataDirectory, "sessions", order.SessionId, "commands"),
                Approvals.DataClasses.MayLeave(order.Policy.DataClass(order.Task.DataClass)),
                new SecretFilePolicy([.. order.Policy.SecretFiles, .. order.Policy.NarrowerThan(order.Policy.DataClass(order.Task.DataClass))], order.Task.AllowedSecrets),
                order.Task.TestCommand,
                order.Task.RunTime ?? TimeSpan.FromMinutes(10));
            var site = new LocalSite(workspace, secrets, canaries, Path.Combine(parts.DataDirectory, "canaries", order.SessionId), commands, new MapSite(order.Model, MapCache.PathOf(parts.DataDirectory, workspace.ProjectRoot), parts.Time));
            if (order.Model is not null)
            {
                await AddServersAsync(site, order, workspace.ProjectRoot, cancellationToken).ConfigureAwait(false);
            }

            return site;
        }
        catch
        {
            await workspace.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // What is wrong with a list or a server is told; the session works without it.
    private async Task AddServersAsync(LocalSite site, SiteOrder order, string root, CancellationToken cancellationToken)
    {
        var faults = new List<string>();
        var entries = McpServerList.Read(parts.ConfigDirectory, root, order.Task.EditorServers, faults.Add);
        var opening = new McpOpening
        {
            Entries = entries,
            Root = root,
            Approvals = new(parts.DataDirectory, parts.Time),
            Policy = order.Policy,
            DataClass = order.Policy.DataClass(order.Task.DataClass),
            Commands = site.Commands,
            Time = parts.Time,
        };
        try
        {
            site.Add(await McpServers.OpenAsync(opening, cancellationToken).ConfigureAwait(false), faults);
        }
        catch (RepositoryException fault)
        {
            site.Add(null, [.. faults, $"No MCP server is used: {fault.Message} {fault.Hint}"]);
        }
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string sessionId, RepositoryTask task, CancellationToken cancellationToken) => _workspaces.RemoveAsync(sessionId, cancellationToken);
}
