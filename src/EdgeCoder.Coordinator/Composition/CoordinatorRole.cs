using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Anchors;
using EdgeCoder.Coordinator.Audits;
using EdgeCoder.Coordinator.Behaviour;
using EdgeCoder.Coordinator.Blacklists;
using EdgeCoder.Coordinator.Blobs;
using EdgeCoder.Coordinator.Chat;
using EdgeCoder.Coordinator.Enrolment;
using EdgeCoder.Coordinator.Escalations;
using EdgeCoder.Coordinator.Issuance;
using EdgeCoder.Coordinator.Leases;
using EdgeCoder.Coordinator.Keys;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Mirrors;
using EdgeCoder.Coordinator.Manifests;
using EdgeCoder.Coordinator.OperatorAudit;
using EdgeCoder.Coordinator.Operators;
using EdgeCoder.Coordinator.Payments;
using EdgeCoder.Coordinator.Payouts;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Planning;
using EdgeCoder.Coordinator.Prices;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.SecurityEvents;
using EdgeCoder.Coordinator.Silo;
using EdgeCoder.Coordinator.Statistics;
using EdgeCoder.Coordinator.Status;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Coordinator.Treasury;
using EdgeCoder.Coordinator.Verification;
using EdgeCoder.Executor;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Credentials;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Listening;
using EdgeCoder.Hosting.Signatures;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Protocol.Power;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Composition;

/// <summary>A running coordinator (port 4301): its parts put together in one place.</summary>
public sealed class CoordinatorRole : IAsyncDisposable
{
    // Enough for a few silos to share the work; a partition is one grain, and a grain is on one silo.
    private const int SharedPartitions = 4;

    private readonly WebApplication _app;
    private readonly FileStream _lock;

    private CoordinatorRole(WebApplication app, FileStream held, CoordinatorIdentity identity) => (_app, _lock, Identity) = (app, held, identity);

    /// <summary>Who it is.</summary>
    public CoordinatorIdentity Identity { get; }

    /// <summary>Where it listens.</summary>
    public Uri Url => _app.ListensOn()[0];

    /// <summary>Its routes, for tests.</summary>
    internal IReadOnlyList<Endpoint> Routes => [.. ((IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints)];

    /// <summary>Its parts, for tests and benchmarks.</summary>
    internal IServiceProvider Services => _app.Services;

    /// <summary>
    /// Starts a coordinator. 1. The data directory: one process with SQLite, any number of silos with PostgreSQL. 2. Store and silo. 3. Routes, each behind its rule. 4. Listening, last of all: nothing is
    /// answered before everything is there.
    /// </summary>
    /// <exception cref="KeyRefusedException">The data directory belongs to another identity.</exception>
    /// <exception cref="StoreRefusedException">The store is newer than the program, or cannot be used.</exception>
    /// <exception cref="LogRefusedException">The log does not fit its key, its checkpoint or itself.</exception>
    /// <exception cref="IOException">Another process has the data directory.</exception>
    public static Task<CoordinatorRole> StartAsync(CoordinatorSettings settings, CoordinatorIdentity identity, ExecutorOptions executor, TimeProvider time, CancellationToken cancellationToken) =>
        StartAsync(settings, identity, executor, time, null, cancellationToken);

    /// <summary>The same, with routes of a benchmark beside its own, or with a clock of tasks and leases that a test moves.</summary>
    internal static async Task<CoordinatorRole> StartAsync(
        CoordinatorSettings settings, CoordinatorIdentity identity, ExecutorOptions executor, TimeProvider time, Action<WebApplication>? beside, CancellationToken cancellationToken, QueueClock? clock = null)
    {
        var held = DataDirectory.Take(settings.DataDirectory, shared: !string.IsNullOrWhiteSpace(settings.DatabaseUrl));
        try
        {
            var app = Build(settings, identity, executor, time, clock ?? new QueueClock(time));
            beside?.Invoke(app);
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
            return new(app, held, identity);
        }
        catch
        {
            await held.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Opens the account of the person whose machine this is and gives an API key and an operator's token for the commands of this machine. On loopback only.
    /// </summary>
    public async Task<LocalCredentials> ProvisionAsync(string accountId, CancellationToken cancellationToken)
    {
        var now = _app.Services.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeMilliseconds();
        return await _app.Services.GetRequiredService<IStoreWriter>().WriteAsync(
            batch =>
            {
                LocalProvision.Open(batch, accountId, now);
                return new LocalCredentials(IssuedSecret.ApiKey(batch, "local", accountId, [], now), IssuedSecret.AdminToken(batch, "local", ["*"], now, null));
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells <c>GET /status</c> what does not work yet in this process, until what it gives is disposed.</summary>
    public IDisposable Unfinished(string what) => _app.Services.GetRequiredService<StartProgress>().Begin(what);

    /// <summary>Enrols and approves the worker that runs in this very process, with the key it made. No network address is ever exempt instead.</summary>
    public Task EnrolEmbeddedAsync(string agentId, string publicKeyPem, string ownerAccountId, CancellationToken cancellationToken) =>
        _app.Services.GetRequiredService<Registration>().EnrolEmbeddedAsync(agentId, publicKeyPem, ownerAccountId, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        await _lock.DisposeAsync().ConfigureAwait(false);
    }

    private static WebApplication Build(CoordinatorSettings settings, CoordinatorIdentity identity, ExecutorOptions executor, TimeProvider time, QueueClock clock)
    {
        var store = StoreSettings.From(settings.DatabaseUrl, settings.DataDirectory);
        var shared = store.Kind == StoreKind.PostgreSql;
        var builder = ListenerExtensions.CreateRoleBuilder(settings.Listener);
        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton(clock);
        builder.Services.AddSingleton(identity);
        builder.Services.AddStore(store);
        if (!shared)
        {
            builder.Services.AddHostedService<LeftClaims>();
        }

        builder.Services.AddBlobs(settings.DataDirectory).AddBlobRetention();
        builder.Services.AddCallers<CoordinatorContext>(
            new SignatureAudience(identity.PeerId),
            CredentialOptions.From(settings.MeshToken, settings.PortalToken, settings.AdminToken),
            new SignatureOptions { MaxSkew = settings.MaxSkew, NonceTime = settings.NonceTime, AgentLimit = settings.AgentRateLimit, AgentWindow = settings.AgentRateWindow });
        builder.Services.AddSingleton(settings.Keys);
        builder.Services.AddPeers(new PeerOptions { NetworkMode = settings.NetworkMode, Every = settings.LedgerSyncInterval, MaxSkew = settings.MaxSkew });
        builder.Services.AddAgents(new AgentOptions
        {
            RequireVerified = settings.RequireVerifiedAgents,
            RegistrationTokenTtlMs = (long)settings.RegistrationTokenTime.TotalMilliseconds,
            PortalUrl = settings.PortalServiceUrl,
            PortalToken = settings.PortalServiceToken,
            EnrolsBesidePortal = settings.EnrolsBesidePortal,
            NetworkMode = settings.NetworkMode,
            Power = new PowerSettings { PhoneIntervalMs = (long)settings.IosPullInterval.TotalMilliseconds, PhoneStopLevelPct = settings.IosStopLevel },
            SharedStore = shared,
            Releases = new() { Folder = Path.Combine(settings.DataDirectory, "releases") },
        });
        builder.Services.AddSecurityTally();
        builder.Services.AddHostedService(p => p.GetRequiredService<BehaviourWatch>());
        builder.Services.AddSingleton<BlacklistPull>().AddHostedService<BlacklistExchange>();
        builder.Services.AddSingleton(QueueSurroundings.Of);
        builder.Services.AddQueue(new QueueOptions
        {
            Partitions = shared ? SharedPartitions : 1,
            RequireVerifiedAgents = settings.RequireVerifiedAgents,
            EnterpriseOverlay = settings.NetworkMode == "enterprise_overlay",
            OperatorAccountId = settings.OperatorAccount,
            Gate = new SubmissionGate(settings.ContributionBurstMc, settings.ContributionRatioBps),
            InferenceUrl = settings.InferenceUrl,
            InferenceToken = settings.InferenceToken,
        });
        builder.Services.AddPlanning(identity.PeerId);
        builder.Services.AddAccounts(settings.Faucet);
        builder.Services.AddPayments(settings.Payments).AddPrices().AddSends().AddTreasury(settings.MaxSkew);
        builder.Services.AddVerification(executor, new VerificationOptions { Slots = settings.VerifierSlots });
        builder.Services.AddEscalations(EscalationSettings.Of(settings));
        builder.Services.AddChat();
        builder.Services.AddAnchors(settings.Anchors).AddAnchorSets();
        builder.AddSilo(new SiloSettings { Clustered = shared });
        builder.Services.AddLog(new LogOptions
        {
            Directory = Path.Combine(settings.DataDirectory, "ledger"),
            CheckpointInterval = settings.CheckpointInterval,
            PublicRead = settings.LedgerPublicRead,
            Shared = shared,
        });
        builder.Services.AddStatistics(settings.Statistics).AddModelManifests(settings.ModelSources).AddAuditHeads().AddIssuance(settings.Issuance);

        var app = builder.Build();
        app.UseProblems(app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("EdgeCoder.Coordinator"));
        app.UseSiloFaults();
        app.UseForwardedAddress(settings.Listener.TrustedProxies);
        app.UseAddressGuard(new AddressGuard(settings.PublicUrl is { } url ? new Uri(url).Host : null, AddressGuard.ShellOrigins));
        app.UseRouting();
        app.UseSecurityTally();
        app.UseCallers();
        app.UsePeerScores();
        app.UseFederationGate();
        app.UseAgentSightings();
        app.MapIdentity(settings.NetworkMode);
        app.MapBlobs();
        app.MapAgents();
        app.MapOperators();
        app.MapPeers();
        app.MapKeys();
        app.MapPeerKeys();
        app.MapPeerScores();
        app.MapBlacklists();
        app.MapSecurityEvents();
        app.MapAccounts();
        app.MapCredits();
        app.MapOfflineCredits();
        app.MapPayments();
        app.MapPrices(settings.LedgerPublicRead);
        app.MapWallets();
        app.MapSends();
        app.MapPayouts();
        app.MapTreasury(settings.LedgerPublicRead);
        app.MapStatus();
        app.MapTasks();
        app.MapLeases();
        app.MapEscalations();
        app.MapPullProgress();
        app.MapChat();
        app.MapLedger(settings.LedgerPublicRead);
        app.MapMirrors(settings.LedgerPublicRead);
        app.MapAnchors(publicRead: settings.LedgerPublicRead);
        app.MapIssuance(settings.LedgerPublicRead);
        app.MapStatistics();
        app.MapModelManifests();
        app.MapAuditHeads();
        app.MapNetworkSummary();
        return app;
    }
}

/// <summary>Credentials of the person whose machine this is. They are written to a file of that person's and shown nowhere.</summary>
/// <param name="ApiKey">Submits and reads.</param>
/// <param name="AdminToken">Operates.</param>
public sealed record LocalCredentials(string ApiKey, string AdminToken)
{
    /// <inheritdoc/>
    public override string ToString() => nameof(LocalCredentials);
}
