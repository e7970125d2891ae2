using System.Buffers.Text;
using System.Security.Cryptography;
using EdgeCoder.AnchorProxy.Composition;
using EdgeCoder.Commands;
using EdgeCoder.Coordination;
using EdgeCoder.Coordinator.Composition;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Executor;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Listening;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.IdeProvider.Composition;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Service;
using EdgeCoder.Mcp;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Repositories;
using EdgeCoder.Settings;

namespace EdgeCoder.Roles;

/// <summary>The roles of one process. They speak HTTP to each other also here, with credentials that the process makes and shows nobody.</summary>
internal sealed class RunningRoles : IAsyncDisposable
{
    /// <summary>Account of the person whose machine this is.</summary>
    public const string LocalAccount = "acct-local";

    private readonly List<IAsyncDisposable> _parts = [];
    private readonly List<(string Name, string Url)> _addresses = [];
    private readonly CancellationTokenSource _ending = new();
    private readonly CodeExecutor _executor;
    private Task? _worker;
    private Task _finishing = Task.CompletedTask;

    private static readonly string[] Order = ["coordinator", "inference", "ide-provider", "portal", "anchor-proxy", "worker"];

    private RunningRoles(bool coordinates, CodeExecutor executor) => (Coordinates, _executor) = (coordinates, executor);

    /// <summary>Names and addresses, always in the same order.</summary>
    public IReadOnlyList<(string Name, string Url)> Addresses => [.. _addresses.OrderBy(address => Array.IndexOf(Order, address.Name))];

    /// <summary>File of the first key of the endpoint for editors; null where it does not run.</summary>
    public string? IdeKeyFile { get; private set; }

    /// <summary>Link of the portal's first administrator, for the console of this machine; null where there is an administrator, or no portal.</summary>
    public Uri? FirstAdministratorLink { get; private set; }

    /// <summary>Whether a coordinator is among them.</summary>
    public bool Coordinates { get; }

    /// <summary>What still gets ready although the roles serve: name and sentences for people; null when nothing does. Work that needs it waits, and never runs without it.</summary>
    public (string Name, string Why, string Done)? Unfinished { get; private set; }

    /// <summary>
    /// Starts them: 1. settings, all faults at once; 2. the coordinator's identity, whose key the inference service trusts; 3. coordinator and inference
    /// side by side; 4. credentials for the commands of this machine. What was started is ended again when a later step fails. 5. The worker and the test of
    /// the sandbox begin and go on after this has returned: they take seconds at the first start, and the roles take and answer requests meanwhile.
    /// </summary>
    public static async Task<RunningRoles> StartAsync(Surroundings surroundings, string? role, Action<string> tell, CancellationToken cancellationToken)
    {
        var directories = surroundings.Directories();
        var settings = RoleSettings.Read(surroundings, directories, role);
        var executorOptions = ExecutorParts.Options(surroundings, directories);
        var roles = new RunningRoles(settings.Coordinator is not null, CodeExecutor.Create(executorOptions));
        try
        {
            var coordinator = await roles.StartAsync(surroundings, directories, settings, cancellationToken);
            if (settings.Mode is not (RuntimeMode.AnchorProxy or RuntimeMode.Portal))
            {
                roles.Begin(surroundings, directories, settings, coordinator, tell);
            }

            return roles;
        }
        catch (Exception fault)
        {
            await roles.DisposeAsync();
            throw fault switch
            {
                StoreRefusedException => new UsageException("store_refused", fault.Message),
                LogRefusedException log => new UsageException(log.Code, log.Message),
                IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } or Microsoft.AspNetCore.Connections.AddressInUseException =>
                    new UsageException("port_in_use", fault.Message, "End what uses the port, or set COORDINATOR_PORT, INFERENCE_PORT, IDE_PROVIDER_PORT, PORTAL_PORT or ANCHOR_PROXY_PORT."),
                IOException when fault.Message.StartsWith("Failed to bind", StringComparison.Ordinal) =>
                    new UsageException("port_in_use", fault.Message, "End what uses the port, or set COORDINATOR_PORT, INFERENCE_PORT, IDE_PROVIDER_PORT, PORTAL_PORT or ANCHOR_PROXY_PORT."),
                _ => fault,
            };
        }
    }

    /// <summary>Calls when what was unfinished is ready; never when the worker has failed or everything ends.</summary>
    public void WhenFinished(Action tell) => _ = _finishing.ContinueWith(
        _ =>
        {
            if (!_ending.IsCancellationRequested)
            {
                tell();
            }
        },
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnRanToCompletion,
        TaskScheduler.Default);

    /// <summary>Waits until it is cancelled, or until a part ends by itself, whose fault is thrown.</summary>
    public async Task UntilEndAsync(CancellationToken cancellationToken)
    {
        var end = new TaskCompletionSource();
        await using (cancellationToken.Register(() => end.TrySetResult()))
        {
            var first = await Task.WhenAny(end.Task, _worker ?? end.Task);
            await first;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        for (var at = _parts.Count - 1; at >= 0; at--)
        {
            await _parts[at].DisposeAsync();
        }

        await _finishing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _executor.DisposeAsync();
        _ending.Dispose();
    }

    private async Task<CoordinatorRole?> StartAsync(Surroundings surroundings, ProgramDirectories directories, RoleSettings settings, CancellationToken cancellationToken)
    {
        var madeToken = settings.Mode == RuntimeMode.AllInOne ? Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)) : null;
        var identity = settings.Coordinator is null ? null : settings.Identity();
        KeyValuePair<string, VerifyingKey>? own = identity is null ? null : new(identity.PeerId, identity.Key.PublicKey);
        var coordinates = settings.Coordinator is { } given
            ? madeToken is null ? given : given.With(new Uri($"http://127.0.0.1:{settings.InferenceListener!.Port}"), settings.Reader.Secret("INFERENCE_AUTH_TOKEN") ?? madeToken)
            : null;
        var infers = settings.InferenceListener is null ? null : InferenceSettings.Read(settings.Reader, Path.Combine(directories.Data, "inference"), madeToken, own);
        var edits = settings.HasIdeProvider ? IdeProviderSettings.Read(settings.Reader, directories.IdeKeys(), madeToken, LoopbackServers(surroundings, directories)) with { Swarm = NamedSwarm.Of(surroundings, settings.Reader, settings.Mode == RuntimeMode.AllInOne ? settings.PublicUrl() : null) } : null;
        settings.ThrowIfFaulty();

        // Each on a thread of its own: most of a start is work of the processor, before anything waits. All come to their end, so that all are ended again.
        var coordinator = coordinates is null ? Task.FromResult<CoordinatorRole?>(null)
            : Task.Run(() => StartCoordinatorAsync(surroundings, directories, settings, coordinates, identity!, cancellationToken), cancellationToken);
        var inference = infers is null ? Task.CompletedTask
            : Task.Run(() => StartInferenceAsync(surroundings, directories, settings.InferenceListener!, infers, cancellationToken), cancellationToken);
        var ide = edits is null ? Task.CompletedTask : Task.Run(() => StartIdeProviderAsync(surroundings, edits, cancellationToken), cancellationToken);
        var anchor = settings.AnchorProxy is null ? Task.CompletedTask : Task.Run(() => StartAnchorProxyAsync(surroundings, settings.AnchorProxy, cancellationToken), cancellationToken);
        var portal = settings.Portal is null ? Task.CompletedTask : Task.Run(() => StartPortalAsync(surroundings, settings.Portal, cancellationToken), cancellationToken);
        await Task.WhenAll(coordinator, inference, ide, anchor, portal);
        return await coordinator;
    }

    private async Task<CoordinatorRole?> StartCoordinatorAsync(
        Surroundings surroundings, ProgramDirectories directories, RoleSettings settings, CoordinatorSettings own, CoordinatorIdentity identity, CancellationToken cancellationToken)
    {
        var coordinator = await CoordinatorRole.StartAsync(own, identity, ExecutorParts.Options(surroundings, directories), surroundings.Time, cancellationToken);
        Add(coordinator, "coordinator", settings.PublicUrl());
        if (settings.Mode == RuntimeMode.AllInOne)
        {
            await ProvideAccessAsync(directories, settings, coordinator, cancellationToken);
        }

        return coordinator;
    }

    private async Task StartInferenceAsync(Surroundings surroundings, ProgramDirectories directories, ListenerSettings listener, InferenceSettings settings, CancellationToken cancellationToken)
    {
        var server = await InferenceServer.StartAsync(surroundings, directories, listener, settings, _executor, cancellationToken);
        Add(server, "inference", server.Url.GetLeftPart(UriPartial.Authority));
    }

    private async Task StartIdeProviderAsync(Surroundings surroundings, IdeProviderSettings settings, CancellationToken cancellationToken)
    {
        var work = RepositoryComposition.LocalWork(surroundings, _executor);
        Add(work);
        var tools = new McpComposition(surroundings, work, order: null);
        var role = await IdeProviderRole.StartAsync(settings with { Mcp = tools.Parts }, work, surroundings.Time, cancellationToken);
        IdeKeyFile = role.Keys.FirstKeyFile;
        Add(role, "ide-provider", role.Url.GetLeftPart(UriPartial.Authority) + "/v1");
    }

    private async Task StartAnchorProxyAsync(Surroundings surroundings, AnchorProxySettings settings, CancellationToken cancellationToken)
    {
        var role = await AnchorProxyRole.StartAsync(settings, surroundings.Time, cancellationToken);
        Add(role, "anchor-proxy", role.Url.GetLeftPart(UriPartial.Authority));
    }

    private async Task StartPortalAsync(Surroundings surroundings, PortalSettings settings, CancellationToken cancellationToken)
    {
        var role = await PortalRole.StartAsync(settings, surroundings.Time, cancellationToken);
        Add(role, "portal", role.PublicUrl.GetLeftPart(UriPartial.Authority));
        FirstAdministratorLink = await role.FirstAdministratorLinkAsync(cancellationToken);
    }

    // Model servers of this machine as the person labelled them: calls may be relayed to them without a stop at the inference service.
    private static List<LoopbackServer> LoopbackServers(Surroundings surroundings, ProgramDirectories directories) =>
    [
        .. ModelSettingsReader.Read(directories.Data, directories.Config, surroundings.Environment).Servers
            .Where(server => server.Reach == ModelReach.ThisMachine && server.Address.IsLoopback)
            .Select(server => new LoopbackServer(server.Name, server.Address.Uri, server.ReadKey())),
    ];

    private void Add(IAsyncDisposable part, string name, string url)
    {
        Add(part);
        lock (_parts)
        {
            _addresses.Add((name, url));
        }
    }

    // Ended in the reverse order.
    private void Add(IAsyncDisposable part)
    {
        lock (_parts)
        {
            _parts.Add(part);
        }
    }

    private void Begin(Surroundings surroundings, ProgramDirectories directories, RoleSettings settings, CoordinatorRole? coordinator, Action<string> tell)
    {
        var open = Task.CompletedTask;
        Unfinished = ("sandbox", "the sandbox is still being tested; no code runs before that.", "The test of the sandbox is over.");
        if (coordinator is not null && settings is { Mode: RuntimeMode.AllInOne, NoWorker: false })
        {
            var worker = EmbeddedWorker.Begin(surroundings, directories, settings, coordinator, tell);
            Add(worker, "worker", worker.AgentId);
            (_worker, open) = (worker.Running, worker.Open);
            Unfinished = ("worker", "the worker of this machine has not proven its sandbox and its model yet; submitted work waits for that.", "The worker of this machine takes work.");
        }

        // The worker's test is remembered, so the other executors of this process find it passed.
        var told = coordinator?.Unfinished(Unfinished.Value.Why);
        _finishing = Task.Run(
            async () =>
            {
                using (told)
                {
                    await open;
                    _ending.Token.ThrowIfCancellationRequested();
                    await _executor.PrepareAsync(SnippetLanguage.Python, _ending.Token);
                }
            },
            CancellationToken.None);
    }

    private static async Task ProvideAccessAsync(ProgramDirectories directories, RoleSettings settings, CoordinatorRole coordinator, CancellationToken cancellationToken)
    {
        if (Access.IsFor(directories.Data, settings.PublicUrl()))
        {
            return;
        }

        var made = await coordinator.ProvisionAsync(LocalAccount, cancellationToken);
        new Access { CoordinatorUrl = settings.PublicUrl(), ApiKey = made.ApiKey, AdminToken = made.AdminToken, AccountId = LocalAccount }.Write(directories.Data);
    }
}
