using System.Buffers.Text;
using System.Security.Cryptography;
using EdgeCoder.Commands;
using EdgeCoder.Coordination;
using EdgeCoder.Coordinator.Composition;
using EdgeCoder.Executor;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Listening;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.IdeProvider.Composition;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Service;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Settings;

namespace EdgeCoder.Roles;

/// <summary>The roles of one process. They speak HTTP to each other also here, with credentials that the process makes and shows nobody.</summary>
internal sealed class RunningRoles : IAsyncDisposable
{
    /// <summary>Account of the person whose machine this is.</summary>
    public const string LocalAccount = "acct-local";

    private readonly List<IAsyncDisposable> _parts = [];
    private readonly List<(string Name, string Url)> _addresses = [];
    private Task _worker = Task.CompletedTask;

    private RunningRoles(bool coordinates) => Coordinates = coordinates;

    /// <summary>Names and addresses, in the order of starting.</summary>
    public IReadOnlyList<(string Name, string Url)> Addresses => _addresses;

    /// <summary>File of the first key of the endpoint for editors; null where it does not run.</summary>
    public string? IdeKeyFile { get; private set; }

    /// <summary>Whether a coordinator is among them.</summary>
    public bool Coordinates { get; }

    /// <summary>
    /// Starts them: 1. settings, all faults at once; 2. the coordinator's identity, whose key the inference service trusts; 3. coordinator and inference
    /// side by side; 4. credentials for the commands of this machine; 5. the worker. What was started is ended again when a later step fails.
    /// </summary>
    public static async Task<RunningRoles> StartAsync(Surroundings surroundings, string? role, Action<string> tell, CancellationToken cancellationToken)
    {
        var directories = surroundings.Directories();
        var settings = RoleSettings.Read(surroundings, directories, role);
        var executorOptions = ExecutorParts.Options(surroundings, directories);
        var roles = new RunningRoles(settings.Coordinator is not null);
        try
        {
            var executor = CodeExecutor.Create(executorOptions);
            roles._parts.Add(executor);
            _ = executor.PrepareAsync(SnippetLanguage.Python, cancellationToken);
            await roles.StartAsync(surroundings, directories, settings, executor, tell, cancellationToken);
            return roles;
        }
        catch (Exception fault)
        {
            await roles.DisposeAsync();
            throw fault switch
            {
                StoreRefusedException => new UsageException("store_refused", fault.Message),
                IOException { InnerException: Microsoft.AspNetCore.Connections.AddressInUseException } or Microsoft.AspNetCore.Connections.AddressInUseException =>
                    new UsageException("port_in_use", fault.Message, "End what uses the port, or set COORDINATOR_PORT, INFERENCE_PORT or IDE_PROVIDER_PORT."),
                IOException when fault.Message.StartsWith("Failed to bind", StringComparison.Ordinal) =>
                    new UsageException("port_in_use", fault.Message, "End what uses the port, or set COORDINATOR_PORT, INFERENCE_PORT or IDE_PROVIDER_PORT."),
                _ => fault,
            };
        }
    }

    /// <summary>Waits until it is cancelled, or until a part ends by itself, whose fault is thrown.</summary>
    public async Task UntilEndAsync(CancellationToken cancellationToken)
    {
        var end = new TaskCompletionSource();
        await using (cancellationToken.Register(() => end.TrySetResult()))
        {
            var first = await Task.WhenAny(end.Task, _worker.IsCompletedSuccessfully ? end.Task : _worker);
            await first;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        for (var at = _parts.Count - 1; at >= 0; at--)
        {
            await _parts[at].DisposeAsync();
        }
    }

    private async Task StartAsync(Surroundings surroundings, ProgramDirectories directories, RoleSettings settings, CodeExecutor executor, Action<string> tell, CancellationToken cancellationToken)
    {
        var madeToken = settings.Mode == RuntimeMode.AllInOne ? Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)) : null;
        var identity = settings.Coordinator is null ? null : settings.Identity();
        var inference = settings.InferenceListener is { } listener ? StartInferenceAsync(surroundings, directories, settings, listener, madeToken, identity, executor, cancellationToken) : null;
        var ide = settings.HasIdeProvider ? StartIdeProviderAsync(surroundings, directories, settings, madeToken, cancellationToken) : Task.CompletedTask;
        if (settings.Coordinator is { } coordinatorSettings)
        {
            var own = madeToken is null ? coordinatorSettings : coordinatorSettings.With(new Uri($"http://127.0.0.1:{settings.InferenceListener!.Port}"), settings.Reader.Secret("INFERENCE_AUTH_TOKEN") ?? madeToken);
            var coordinator = await CoordinatorRole.StartAsync(own, identity!, ExecutorParts.Options(surroundings, directories), surroundings.Time, cancellationToken);
            lock (_parts)
            {
                _parts.Add(coordinator);
                _addresses.Add(("coordinator", settings.PublicUrl()));
            }

            if (settings.Mode == RuntimeMode.AllInOne)
            {
                await ProvideAccessAsync(directories, settings, coordinator, cancellationToken);
            }

            if (inference is not null)
            {
                await inference;
            }

            if (settings.Mode == RuntimeMode.AllInOne && !settings.NoWorker)
            {
                var worker = await EmbeddedWorker.StartAsync(surroundings, directories, settings, coordinator, tell, cancellationToken);
                lock (_parts)
                {
                    _parts.Add(worker);
                    _addresses.Add(("worker", worker.AgentId));
                }

                _worker = worker.Running;
            }
        }
        else if (inference is not null)
        {
            await inference;
        }

        await ide;
    }

    private async Task StartIdeProviderAsync(Surroundings surroundings, ProgramDirectories directories, RoleSettings settings, string? madeToken, CancellationToken cancellationToken)
    {
        var read = IdeProviderSettings.Read(settings.Reader, directories.IdeKeys(), madeToken, LoopbackServers(surroundings, directories));
        settings.ThrowIfFaulty();
        var role = await IdeProviderRole.StartAsync(read, surroundings.Time, cancellationToken);
        lock (_parts)
        {
            _parts.Add(role);
            IdeKeyFile = role.Keys.FirstKeyFile;
            _addresses.Add(("ide-provider", role.Url.GetLeftPart(UriPartial.Authority) + "/v1"));
        }
    }

    // Model servers of this machine as the person labelled them: calls may be relayed to them without a stop at the inference service.
    private static List<LoopbackServer> LoopbackServers(Surroundings surroundings, ProgramDirectories directories) =>
    [
        .. ModelSettingsReader.Read(directories.Data, directories.Config, surroundings.Environment).Servers
            .Where(server => server.Reach == ModelReach.ThisMachine && server.Address.IsLoopback)
            .Select(server => new LoopbackServer(server.Name, server.Address.Uri, server.ReadKey())),
    ];

    private async Task StartInferenceAsync(
        Surroundings surroundings, ProgramDirectories directories, RoleSettings settings, ListenerSettings listener, string? madeToken, CoordinatorIdentity? identity, CodeExecutor executor, CancellationToken cancellationToken)
    {
        KeyValuePair<string, VerifyingKey>? own = identity is null ? null : new(identity.PeerId, identity.Key.PublicKey);
        var read = InferenceSettings.Read(settings.Reader, Path.Combine(directories.Data, "inference"), madeToken, own);
        settings.ThrowIfFaulty();
        var server = await InferenceServer.StartAsync(surroundings, directories, listener, read, executor, cancellationToken);
        lock (_parts)
        {
            _parts.Add(server);
            _addresses.Add(("inference", server.Url.GetLeftPart(UriPartial.Authority)));
        }
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
