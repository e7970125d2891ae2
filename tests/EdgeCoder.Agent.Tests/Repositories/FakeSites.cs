using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Agent.Workspaces;

namespace EdgeCoder.Agent.Tests.Repositories;

/// <summary>The real sites, with other tests and more tools.</summary>
internal sealed class FakeSites(IRepositorySites real, Func<IWorkspace, IReadOnlyList<ITool>> tools) : IRepositorySites
{
    public string Resolve(string root) => real.Resolve(root);

    public async Task<IRepositorySite> OpenAsync(SiteOrder order, CancellationToken cancellationToken)
    {
        var site = await real.OpenAsync(order, cancellationToken);
        return new Site(site, tools(site.Workspace));
    }

    public Task DeleteAsync(string sessionId, RepositoryTask task, CancellationToken cancellationToken) => real.DeleteAsync(sessionId, task, cancellationToken);

    private sealed class Site(IRepositorySite real, IReadOnlyList<ITool> more) : IRepositorySite
    {
        public IWorkspace Workspace => real.Workspace;

        public IReadOnlyList<ITool> Tools { get; } = [.. real.Tools.Where(t => more.All(m => m.Name != t.Name)), .. more];

        public Task<string> MapAsync(string request, int tokens, CancellationToken cancellationToken) => real.MapAsync(request, tokens, cancellationToken);

        public string? ReadRules(string path, int mostBytes) => real.ReadRules(path, mostBytes);

        public Task<string?> ProveAsync(CancellationToken cancellationToken) => real.ProveAsync(cancellationToken);

        public ValueTask DisposeAsync() => real.DisposeAsync();
    }
}
