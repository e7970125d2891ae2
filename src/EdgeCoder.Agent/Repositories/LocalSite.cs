using EdgeCoder.Agent.Commands;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Ignores;
using EdgeCoder.Agent.RepositoryMaps;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Secrets;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Executor.Commands;

namespace EdgeCoder.Agent.Repositories;

/// <summary>A worktree on this machine and the tools that reach into it.</summary>
internal sealed class LocalSite : IRepositorySite
{
    /// <summary>How long the first answer waits for the map of a tree that was never read before.</summary>
    private static readonly TimeSpan MapPatience = TimeSpan.FromSeconds(2);

    private readonly ProjectRoot _root;
    private readonly ProjectRoot _project;
    private readonly SecretFilePolicy _secrets;
    private readonly PolicyCanaries _canaries;
    private readonly LocalPlaces _places;
    private readonly SiteOrder _order;
    private readonly RepositoryMapper _mapper;
    private readonly TimeProvider _time;

    /// <summary>A site over a workspace that it closes.</summary>
    public LocalSite(IWorkspace workspace, SecretFilePolicy secrets, PolicyCanaries canaries, LocalPlaces places, SiteOrder order, RepositoryParts parts)
    {
        Workspace = workspace;
        (_secrets, _canaries, _places, _order, _time) = (secrets, canaries, places, order, parts.Time);
        _root = ProjectRoot.Open(workspace.Directory);
        _project = ProjectRoot.Open(workspace.ProjectRoot);
        var ignores = IgnoreRules.Create(_root);
        _mapper = new RepositoryMapper(_root, secrets, ignores, places.MapFile);
        if (order.Model is not null)
        {
            _mapper.Start();
        }

        Tools = [.. FileTools.Create(_root, secrets, ignores, new ReadLedger()), .. CommandTools(parts.Sandbox), .. workspace.Tools];
    }

    /// <inheritdoc/>
    public IWorkspace Workspace { get; }

    /// <inheritdoc/>
    public IReadOnlyList<ITool> Tools { get; }

    /// <summary>The tools on files of a root.</summary>
    public static IReadOnlyList<ITool> ToolsOn(ProjectRoot root, SecretFilePolicy secrets) => FileTools.Create(root, secrets, IgnoreRules.Create(root), new ReadLedger());

    /// <inheritdoc/>
    public async Task<string> MapAsync(string request, int tokens, CancellationToken cancellationToken)
    {
        if (_order.Model is not { } model)
        {
            return "";
        }

        var asked = new MapRequest { Task = request, Window = model.Window, Budget = tokens, CountTokens = model.CountTokens };
        return (await _mapper.BuildAsync(asked, MapPatience, _time, cancellationToken).ConfigureAwait(false)).Text;
    }

    /// <inheritdoc/>
    public string? ReadRules(string path, int mostBytes)
    {
        try
        {
            using var file = _root.OpenFile(_root.Parse(path), _secrets.Check);
            var bytes = file.Read((int)Math.Min(file.Length, mostBytes));
            var text = System.Text.Encoding.UTF8.GetString(bytes);
            return file.Length > mostBytes ? $"{text}\n[{file.Length - mostBytes} bytes left out]" : text;
        }
        catch (Exception fault) when (fault is ToolException or IOException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public Task<string?> ProveAsync(CancellationToken cancellationToken) => _canaries.ProveAsync(_places.Canaries, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _mapper.Dispose();
        _root.Dispose();
        _project.Dispose();
        await Workspace.DisposeAsync().ConfigureAwait(false);
    }

    private IEnumerable<ITool> CommandTools(IProjectSandbox sandbox)
    {
        var commands = new ProjectCommands
        {
            Sandbox = sandbox,
            Root = _root,
            Name = Path.GetFileName(Workspace.ProjectRoot),
            Denied = token => new(Task.Run<IReadOnlyList<string>>(() => [.. _secrets.DeniedIn(_root, token).Select(path => path.Value)], token)),
            SessionDirectory = _places.Session,
            Dependencies = _project,

            // Work of class local has no network in any mode (agent-executor-models 0).
            NetworkPossible = _order.Policy.DataClass(_order.Task.DataClass) != "local",
        };
        return [new RunCommandTool(commands), new RunTestsTool(commands, new ProjectTests(commands, _order.Task.TestCommand))];
    }
}
