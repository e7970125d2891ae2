using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Commands;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Ignores;
using EdgeCoder.Agent.Mcp;
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
    private readonly ProjectRoot _root;
    private readonly ProjectRoot _project;
    private readonly SecretFilePolicy _secrets;
    private readonly PolicyCanaries _canaries;
    private readonly string _canaryDirectory;
    private readonly MapSite _map;
    private readonly RepositoryMapper _mapper;
    private McpServers? _servers;

    /// <summary>A site over a workspace that it closes.</summary>
    public LocalSite(IWorkspace workspace, SecretFilePolicy secrets, PolicyCanaries canaries, string canaryDirectory, CommandSite commands, MapSite map)
    {
        Workspace = workspace;
        _secrets = secrets;
        _canaries = canaries;
        _canaryDirectory = canaryDirectory;
        _root = ProjectRoot.Open(workspace.Directory);
        _project = ProjectRoot.Open(workspace.ProjectRoot);
        _map = map;
        _mapper = new RepositoryMapper(_root, secrets, IgnoreRules.Create(_root), map.CacheFile);
        if (map.Model is not null)
        {
            _mapper.Start();
        }

        Commands = new ProjectCommands
        {
            Sandbox = commands.Sandbox,
            Root = _root,
            Name = Path.GetFileName(workspace.ProjectRoot),
            Denied = cancellationToken => ValueTask.FromResult<IReadOnlyList<string>>([.. commands.Hidden.DeniedIn(_root, cancellationToken).Select(p => p.Value)]),
            SessionDirectory = commands.Directory,
            Dependencies = _project,
            NetworkPossible = commands.NetworkPossible,
            LongestTime = commands.RunTime,
            TestTime = commands.RunTime,
        };
        Tools = [.. ToolsOn(_root, secrets), .. workspace.Tools, new RunCommandTool(Commands), new RunTestsTool(Commands, new ProjectTests(Commands, commands.TestCommand))];
    }

    /// <inheritdoc/>
    public IWorkspace Workspace { get; }

    /// <inheritdoc/>
    public IReadOnlyList<ITool> Tools { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Notices { get; private set; } = [];

    /// <summary>How programs are run here.</summary>
    public ProjectCommands Commands { get; }

    /// <summary>Adds the tools of MCP servers, which this closes.</summary>
    public void Add(McpServers? servers, IReadOnlyList<string> faults)
    {
        _servers = servers;
        Tools = [.. Tools, .. servers?.Tools ?? []];
        Notices = [.. faults, .. servers?.Notices ?? []];
    }

    /// <summary>The tools on files of a root.</summary>
    public static IReadOnlyList<ITool> ToolsOn(ProjectRoot root, SecretFilePolicy secrets) => FileTools.Create(root, secrets, IgnoreRules.Create(root), new ReadLedger());

    /// <inheritdoc/>
    public async Task<(string Text, IReadOnlyList<string> Paths)> MapAsync(string request, int tokens, CancellationToken cancellationToken)
    {
        if (_map.Model is not { } model)
        {
            return ("", []);
        }

        var asked = new MapRequest { Task = request, Window = model.Window, Budget = tokens, CountTokens = model.CountTokens };
        var map = await _mapper.BuildAsync(asked, MapSite.Patience, _map.Time, cancellationToken).ConfigureAwait(false);
        return (map.Text, map.Paths);
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
    public Task<string?> ProveAsync(CancellationToken cancellationToken) => _canaries.ProveAsync(_canaryDirectory, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_servers is not null)
        {
            await _servers.DisposeAsync().ConfigureAwait(false);
        }

        _mapper.Dispose();
        _root.Dispose();
        _project.Dispose();
        await Workspace.DisposeAsync().ConfigureAwait(false);
    }
}

/// <summary>How the commands of a site are run.</summary>
/// <param name="Sandbox">Where.</param>
/// <param name="Directory">The session's own directory for caches and reports.</param>
/// <param name="NetworkPossible">Whether a person may give a command the network.</param>
/// <param name="Hidden">Files whose content commands do not see.</param>
/// <param name="TestCommand">The test command that the person named; null: it is found.</param>
/// <param name="RunTime">Most wall time of one command or one run of the tests.</param>
internal sealed record CommandSite(IProjectSandbox Sandbox, string Directory, bool NetworkPossible, SecretFilePolicy Hidden, IReadOnlyList<string>? TestCommand, TimeSpan RunTime);

/// <summary>How the map of a site is made.</summary>
/// <param name="Model">Whose tokens count; null: there is no map, as for a review.</param>
/// <param name="CacheFile">The index of the project's symbols; it stays for the next session.</param>
/// <param name="Time">The clock.</param>
internal sealed record MapSite(AgentModel? Model, string CacheFile, TimeProvider Time)
{
    /// <summary>How long the first answer waits for the map of a tree that was never read before.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(2);
}
