using System.Buffers.Text;
using System.Security.Cryptography;
using EdgeCoder.AnchorProxy.Composition;
using EdgeCoder.Commands;
using EdgeCoder.Coordinator.Anchors;
using EdgeCoder.Coordinator.Composition;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Listening;
using EdgeCoder.Hosting.Settings;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Settings;

namespace EdgeCoder.Roles;

/// <summary>What <c>edgecoder up</c> starts in this process.</summary>
internal enum RuntimeMode
{
    /// <summary>Coordinator, inference and a worker, on loopback, with embedded storage.</summary>
    AllInOne,

    /// <summary>The coordinator alone.</summary>
    Coordinator,

    /// <summary>The inference service alone.</summary>
    Inference,

    /// <summary>The endpoint for editors alone.</summary>
    IdeProvider,

    /// <summary>The portal for people alone.</summary>
    Portal,

    /// <summary>The holder of Bitcoin credentials alone.</summary>
    AnchorProxy,
}

/// <summary>Settings of the roles, read once; every fault is told in one message.</summary>
internal sealed class RoleSettings
{
    private RoleSettings(RuntimeMode mode) => Mode = mode;

    /// <summary>What is started.</summary>
    public RuntimeMode Mode { get; }

    /// <summary>Of the coordinator; null where it is not started.</summary>
    public CoordinatorSettings? Coordinator { get; private init; }

    /// <summary>Where inference listens; null where it is not started.</summary>
    public ListenerSettings? InferenceListener { get; private init; }

    /// <summary>Whether the endpoint for editors is started.</summary>
    public bool HasIdeProvider { get; private init; }

    /// <summary>Of the portal; null where it is not started.</summary>
    public PortalSettings? Portal { get; private init; }

    /// <summary>Of the anchor proxy; null where it is not started.</summary>
    public AnchorProxySettings? AnchorProxy { get; private init; }

    /// <summary>The reader, for what the inference role adds when the coordinator's key is known.</summary>
    public required SettingsReader Reader { get; init; }

    /// <summary>Whether the worker of all-in-one is left out.</summary>
    public bool NoWorker { get; private init; }

    /// <summary>Slots of that worker.</summary>
    public int WorkerSlots { get; private init; }

    /// <summary><c>COORDINATOR_PRIVATE_KEY_PEM</c>.</summary>
    public string? CoordinatorKeyPem { get; private init; }

    /// <summary>Reads them. Throws <see cref="UsageException"/> that names every fault.</summary>
    public static RoleSettings Read(Surroundings surroundings, ProgramDirectories directories, string? role)
    {
        var reader = new SettingsReader(surroundings.Environment);
        var mode = (role ?? reader.Choice("EDGE_RUNTIME_MODE", "all-in-one", "all-in-one", "coordinator", "inference", "worker", "control-plane", "ide-provider", "portal", "anchor-proxy")) switch
        {
            "all-in-one" => RuntimeMode.AllInOne,
            "coordinator" => RuntimeMode.Coordinator,
            "inference" => RuntimeMode.Inference,
            "ide-provider" => RuntimeMode.IdeProvider,
            "portal" => RuntimeMode.Portal,
            "anchor-proxy" => RuntimeMode.AnchorProxy,
            "worker" => throw new UsageException("invalid_setting", "A worker listens nowhere, so up does not start it.", "Start it with: edgecoder worker run"),
            var other => throw new UsageException("role_missing", $"The role {other} is not part of this build yet.", "There are all-in-one, coordinator, inference, ide-provider, portal and anchor-proxy, and edgecoder worker run."),
        };
        var anchorProxy = mode == RuntimeMode.AnchorProxy || (mode == RuntimeMode.AllInOne && WantsAnchorProxy(reader))
            ? AnchorProxySettings.Read(reader, Path.Combine(directories.Data, "anchor-proxy"), mode == RuntimeMode.AllInOne ? Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)) : null)
            : null;
        var portal = mode is RuntimeMode.AllInOne or RuntimeMode.Portal ? PortalSettings.Read(reader, PortalDirectory(directories)) : null;
        var edge = mode == RuntimeMode.AllInOne ? Between(reader, portal!) : null;
        var coordinator = mode is RuntimeMode.AllInOne or RuntimeMode.Coordinator ? CoordinatorSettings.Read(reader, Path.Combine(directories.Data, "coordinator"), Of(anchorProxy), edge) : null;
        var settings = new RoleSettings(mode)
        {
            Reader = reader,
            AnchorProxy = anchorProxy,
            Coordinator = coordinator,
            InferenceListener = mode is RuntimeMode.AllInOne or RuntimeMode.Inference ? ListenerSettings.Read(reader, "INFERENCE_PORT", 4302) : null,
            Portal = edge is null ? portal : portal!.With(new Uri(UrlOf(coordinator!)), edge.CoordinatorToken, edge.ServiceToken),
            HasIdeProvider = mode is RuntimeMode.AllInOne or RuntimeMode.IdeProvider,
            NoWorker = reader.Flag("DISABLE_SELF_AGENT", false),
            WorkerSlots = (int)reader.Number("MAX_CONCURRENT_TASKS", 1, 1, 64),
            CoordinatorKeyPem = reader.Secret("COORDINATOR_PRIVATE_KEY_PEM"),
        };
        if (settings.Coordinator is { DatabaseUrl: { } database })
        {
            try
            {
                StoreSettings.OnServer(database);
            }
            catch (FormatException fault)
            {
                reader.Refuse(fault.Message);
            }
        }

        if (mode == RuntimeMode.AllInOne && (settings.Coordinator!.Listener.BeyondLoopback || settings.InferenceListener!.BeyondLoopback || settings.Portal!.Exposed))
        {
            reader.Refuse("All roles in one process are for loopback only. Start the roles apart (edgecoder up --role coordinator), or unset EDGECODER_BIND and PORTAL_PUBLIC_URL.");
        }

        if (mode == RuntimeMode.AllInOne && settings.Coordinator!.KeyPassphrase is not null)
        {
            reader.Refuse("KEY_STORE=file encrypts the coordinator's keys, and all roles in one process have others too. Start the coordinator apart (edgecoder up --role coordinator), or unset it.");
        }

        settings.ThrowIfFaulty();
        return settings;
    }

    /// <summary>Directory of the portal's data.</summary>
    public static string PortalDirectory(ProgramDirectories directories) => Path.Combine(directories.Data, "portal");

    /// <summary>Throws <see cref="UsageException"/> when the reader has found faults since.</summary>
    public void ThrowIfFaulty()
    {
        if (Reader.Faults.Count > 0)
        {
            throw new UsageException("invalid_settings", string.Join(Environment.NewLine, Reader.Faults), "Correct these settings, then start again.") { Exit = ExitCode.Failed };
        }
    }

    // The edges of one process have credentials that it makes, shows nobody and writes nowhere; those that somebody set stay.
    private static OwnPortal Between(SettingsReader reader, PortalSettings portal) => new(
        new Uri($"http://127.0.0.1:{portal.Listener.Port}"), reader.Secret("PORTAL_SERVICE_TOKEN") ?? Secret(), reader.Secret("PORTAL_COORDINATOR_TOKEN") ?? Secret());

    private static string Secret() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private static OwnAnchorProxy? Of(AnchorProxySettings? proxy) => proxy is null ? null : new(new Uri($"http://127.0.0.1:{proxy.Listener.Port}"), proxy.Token);

    // In one process the proxy is there when the coordinator is to anchor through it and no other one is named.
    private static bool WantsAnchorProxy(SettingsReader reader) =>
        reader.Text("BITCOIN_ANCHOR_PROVIDER") == "anchor-proxy" && reader.Text("ANCHOR_PROXY_URL") is null && reader.Text("BITCOIND_RPC_URL") is not null;

    /// <summary>Own address of the coordinator as others see it.</summary>
    public string PublicUrl() => UrlOf(Coordinator!);

    private static string UrlOf(CoordinatorSettings coordinator) => coordinator.PublicUrl ?? $"http://127.0.0.1:{coordinator.Listener.Port}";

    /// <summary>The coordinator's identity. Throws <see cref="UsageException"/> when the key that is stored belongs to another.</summary>
    public CoordinatorIdentity Identity()
    {
        try
        {
            return CoordinatorIdentity.Load(new KeyFolder(Coordinator!.DataDirectory, Coordinator.KeyPassphrase is { } passphrase ? new(passphrase) : null), PublicUrl(), Coordinator.PeerId, CoordinatorKeyPem);
        }
        catch (KeyRefusedException fault)
        {
            throw new UsageException("key_refused", fault.Message);
        }
    }
}
