using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Secrets;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Agent.Workspaces;

namespace EdgeCoder.Agent.Tests.Repositories;

/// <summary>Sites with the real file tools on a <see cref="FakeWorkspace"/>, or on the real one, with other tests and more tools.</summary>
internal sealed class FakeSites(string directory, IRepositorySites real, bool git, Func<IWorkspace, IReadOnlyList<ITool>> tools) : IRepositorySites
{
    private readonly Dictionary<string, FakeWorkspace> _workspaces = [];

    /// <summary>What the map of the repository says.</summary>
    public string Map { get; set; } = "";

    /// <summary>Files in it.</summary>
    public IReadOnlyList<string> MapPaths { get; set; } = [];

    /// <summary>What a canary reached.</summary>
    public string? Reached { get; set; }

    /// <summary>The workspace of the last session.</summary>
    public FakeWorkspace Workspace => _workspaces.Values.Last();

    public string Resolve(string root) => real.Resolve(root);

    public async Task<IRepositorySite> OpenAsync(SiteOrder order, CancellationToken cancellationToken)
    {
        if (git)
        {
            var site = await real.OpenAsync(order, cancellationToken);
            return new Site(this, site.Workspace, [.. site.Tools], tools(site.Workspace), site.ReadRules, site);
        }

        if (!_workspaces.TryGetValue(order.SessionId, out var workspace))
        {
            _workspaces[order.SessionId] = workspace = new(order.Task.Root, Path.Combine(directory, order.SessionId));
        }

        var root = ProjectRoot.Open(workspace.Directory);
        var secrets = new SecretFilePolicy(order.Policy.SecretFiles, order.Task.AllowedSecrets);
        return new Site(this, workspace, LocalSite.ToolsOn(root, secrets), tools(workspace), (path, _) => Path.Combine(workspace.Directory, path) is var file && File.Exists(file) ? File.ReadAllText(file) : null, root);
    }

    public Task DeleteAsync(string sessionId, RepositoryTask task, CancellationToken cancellationToken) => git ? real.DeleteAsync(sessionId, task, cancellationToken) : Task.CompletedTask;

    private sealed class Site(FakeSites sites, IWorkspace workspace, IReadOnlyList<ITool> usual, IReadOnlyList<ITool> more, Func<string, int, string?> rules, object held) : IRepositorySite
    {
        public IWorkspace Workspace => workspace;

        public IReadOnlyList<ITool> Tools { get; } = [.. usual.Where(t => more.All(m => m.Name != t.Name)), .. more];

        public Task<(string Text, IReadOnlyList<string> Paths)> MapAsync(string request, int tokens, CancellationToken cancellationToken) => Task.FromResult((sites.Map, sites.MapPaths));

        public string? ReadRules(string path, int mostBytes) => rules(path, mostBytes);

        public Task<string?> ProveAsync(CancellationToken cancellationToken) => Task.FromResult(sites.Reached);

        public async ValueTask DisposeAsync()
        {
            if (held is IAsyncDisposable site)
            {
                await site.DisposeAsync();
            }

            (held as IDisposable)?.Dispose();
        }
    }
}
