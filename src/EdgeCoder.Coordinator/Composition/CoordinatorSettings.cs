using EdgeCoder.Coordinator.Anchors;
using EdgeCoder.Coordinator.Issuance;
using EdgeCoder.Coordinator.Payments;
using EdgeCoder.Coordinator.Statistics;
using EdgeCoder.Hosting.Listening;
using EdgeCoder.Hosting.Settings;
using EdgeCoder.Protocol.Manifests;

using EdgeCoder.Coordinator.Keys;

namespace EdgeCoder.Coordinator.Composition;

/// <summary>Everything a coordinator is told from outside (environment.md 3 to 6). Not a record that prints itself: it holds secrets.</summary>
public sealed class CoordinatorSettings
{
    /// <summary>Where it listens; port 4301.</summary>
    public required ListenerSettings Listener { get; init; }

    /// <summary>Own address as others see it: <c>COORDINATOR_PUBLIC_URL</c>. Null: the address it listens on.</summary>
    public string? PublicUrl { get; init; }

    /// <summary><c>COORDINATOR_PEER_ID</c>; null: derived from the public address.</summary>
    public string? PeerId { get; init; }

    /// <summary>Store, keys and blobs. Made when missing, for the owner only.</summary>
    public required string DataDirectory { get; init; }

    /// <summary><c>DATABASE_URL</c>: PostgreSQL and several silos. Secret. Null: SQLite in the data directory, one silo.</summary>
    public string? DatabaseUrl { get; init; }

    /// <summary><c>KEY_STORE_PASSPHRASE</c>, with <c>KEY_STORE=file</c>: the coordinator's keys are encrypted under it. Null: they are files that their owner can read.</summary>
    public string? KeyPassphrase { get; init; }

    /// <summary><c>MESH_AUTH_TOKEN</c>; null closes its routes.</summary>
    public string? MeshToken { get; init; }

    /// <summary><c>ADMIN_API_TOKEN</c>: the first operator's token; null when none is configured.</summary>
    public string? AdminToken { get; init; }

    /// <summary><c>PORTAL_COORDINATOR_TOKEN</c>, on loopback else <c>PORTAL_SERVICE_TOKEN</c>; null closes its routes.</summary>
    public string? PortalToken { get; init; }

    /// <summary><c>PORTAL_SERVICE_URL</c>: who validates nodes; null: the coordinator's own enrolment table.</summary>
    public Uri? PortalServiceUrl { get; init; }

    /// <summary><c>PORTAL_SERVICE_TOKEN</c>.</summary>
    public string? PortalServiceToken { get; init; }

    /// <summary>Whether an operator enrols nodes at the coordinator also where a portal does: in all-in-one, where both are the same person's.</summary>
    public bool EnrolsBesidePortal { get; init; }

    /// <summary><c>INFERENCE_URL</c>.</summary>
    public Uri InferenceUrl { get; private set; } = new("http://127.0.0.1:4302");

    /// <summary><c>INFERENCE_AUTH_TOKEN</c>; null: planning and escalation by the inference role are off, and say so.</summary>
    public string? InferenceToken { get; private set; }

    /// <summary><c>NETWORK_MODE</c>: <c>public_mesh</c> or <c>enterprise_overlay</c>.</summary>
    public string NetworkMode { get; init; } = "public_mesh";

    /// <summary><c>SECURITY_MAX_SKEW_MS</c>.</summary>
    public TimeSpan MaxSkew { get; init; } = TimeSpan.FromMilliseconds(120_000);

    /// <summary><c>SECURITY_NONCE_TTL_MS</c>, at least twice the skew.</summary>
    public TimeSpan NonceTime { get; init; } = TimeSpan.FromMilliseconds(300_000);

    /// <summary><c>AGENT_RATE_LIMIT_MAX</c>.</summary>
    public int AgentRateLimit { get; init; } = 30;

    /// <summary><c>AGENT_RATE_LIMIT_WINDOW_MS</c>.</summary>
    public TimeSpan AgentRateWindow { get; init; } = TimeSpan.FromMilliseconds(60_000);

    /// <summary><c>NODE_REGISTRATION_TOKEN_TTL_MS</c>.</summary>
    public TimeSpan RegistrationTokenTime { get; init; } = TimeSpan.FromMilliseconds(259_200_000);

    /// <summary><c>REQUIRE_VERIFIED_AGENTS</c>.</summary>
    public bool RequireVerifiedAgents { get; init; }

    /// <summary><c>MODEL_SOURCE_ALLOWLIST</c>: where the files may be that manifests of models name.</summary>
    public ModelSources ModelSources { get; init; } = ModelSources.Default;

    /// <summary><c>IOS_BATTERY_PULL_MIN_INTERVAL_MS</c>.</summary>
    public TimeSpan IosPullInterval { get; init; } = TimeSpan.FromMilliseconds(45_000);

    /// <summary><c>IOS_BATTERY_TASK_STOP_LEVEL_PCT</c>.</summary>
    public int IosStopLevel { get; init; } = 20;

    /// <summary><c>CONTRIBUTION_BURST_CREDITS</c>, in millicredits.</summary>
    public long ContributionBurstMc { get; init; } = 25_000;

    /// <summary><c>MIN_CONTRIBUTION_RATIO</c>, in basis points.</summary>
    public long ContributionRatioBps { get; init; } = 10_000;

    /// <summary><c>FAUCET_ENABLED</c>: whether an operator may open accounts with credits of <c>mint:faucet</c>. Never in production.</summary>
    public bool Faucet { get; init; }

    /// <summary><c>LEDGER_CHECKPOINT_INTERVAL_MS</c>.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMilliseconds(1_000);

    /// <summary><c>STATS_LEDGER_SYNC_INTERVAL_MS</c>: how often checkpoints and records are exchanged with peers.</summary>
    public TimeSpan LedgerSyncInterval { get; init; } = TimeSpan.FromMilliseconds(10_000);

    /// <summary><c>LEDGER_PUBLIC_READ</c>: whether anybody may read the log.</summary>
    public bool LedgerPublicRead { get; init; }

    /// <summary><c>KEY_ROTATION_DAYS</c> and <c>KEY_ROTATION_WARNING_DAYS</c>: when the coordinator's key is changed.</summary>
    internal KeyOptions Keys { get; init; } = new();

    /// <summary>Purchases of credits.</summary>
    public PaymentSettings Payments { get; set; } = new();

    /// <summary>How much the logs of all members count.</summary>
    public StatisticsSettings Statistics { get; init; } = new();

    /// <summary>Issuance of credits.</summary>
    public IssuanceSettings Issuance { get; init; } = new();

    /// <summary><c>PARENT_COORDINATOR_URL</c>; null: none.</summary>
    public Uri? ParentUrl { get; init; }

    /// <summary><c>PARENT_MESH_TOKEN</c>: sent to the parent beside the signature, and nowhere else.</summary>
    public string? ParentToken { get; init; }

    /// <summary><c>ESCALATION_CALLBACK_URL</c>; null: none.</summary>
    public Uri? CallbackUrl { get; init; }

    /// <summary><c>ESCALATION_CALLBACK_TOKEN</c>.</summary>
    public string? CallbackToken { get; init; }

    /// <summary><c>ESCALATION_TIMEOUT_MS</c>.</summary>
    public TimeSpan EscalationTimeout { get; init; } = TimeSpan.FromMilliseconds(30_000);

    /// <summary><c>ESCALATION_MAX_RETRIES</c>.</summary>
    public int EscalationRetries { get; init; } = 2;

    /// <summary><c>ESCALATION_RETRY_BASE_DELAY_MS</c>.</summary>
    public TimeSpan EscalationDelay { get; init; } = TimeSpan.FromMilliseconds(1_000);

    /// <summary>
    /// Account of this coordinator's operator: the coordinator does not judge what the operator's own agents did for others (coordinator-and-mesh 5.2).
    /// </summary>
    public string? OperatorAccount { get; init; }

    /// <summary>Anchors in the block chain.</summary>
    public AnchorSettings Anchors { get; init; } = new();

    /// <summary>Results run again at once. Default: one for each processor.</summary>
    public int VerifierSlots { get; init; } = Environment.ProcessorCount;

    /// <summary>The same with an inference role of this process.</summary>
    public CoordinatorSettings With(Uri inferenceUrl, string inferenceToken)
    {
        var copy = (CoordinatorSettings)MemberwiseClone();
        (copy.InferenceUrl, copy.InferenceToken) = (inferenceUrl, inferenceToken);
        return copy;
    }

    /// <summary>
    /// Reads the environment; every fault goes to the reader. Beyond loopback it names what environment.md 2 asks for and is missing.
    /// </summary>
    /// <param name="reader">Settings.</param>
    /// <param name="dataDirectory">Directory of the role.</param>
    /// <param name="anchorProxy">The anchor proxy of this process; null where there is none.</param>
    /// <param name="portal">The portal of this process; null where there is none.</param>
    public static CoordinatorSettings Read(SettingsReader reader, string dataDirectory, OwnAnchorProxy? anchorProxy = null, OwnPortal? portal = null)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var passphrase = KeyStorage.Read(reader);
        var listener = ListenerSettings.Read(reader, "COORDINATOR_PORT", 4301);
        var publicUrl = reader.Url("COORDINATOR_PUBLIC_URL");
        if (publicUrl is { AbsolutePath: not "/" })
        {
            reader.Refuse("COORDINATOR_PUBLIC_URL must be at the root of its origin.");
        }

        var skew = reader.Milliseconds("SECURITY_MAX_SKEW_MS", 120_000, 1_000, 600_000);
        var nonces = reader.Milliseconds("SECURITY_NONCE_TTL_MS", 300_000, 1_000, 3_600_000);
        if (nonces < 2 * skew)
        {
            reader.Refuse("SECURITY_NONCE_TTL_MS must be at least twice SECURITY_MAX_SKEW_MS.");
        }

        var (keyDays, keyWarning) = (reader.Number("KEY_ROTATION_DAYS", 90, 3, 3_650), reader.Number("KEY_ROTATION_WARNING_DAYS", 14, 0, 365));
        if (keyWarning >= keyDays)
        {
            reader.Refuse("KEY_ROTATION_WARNING_DAYS must be less than KEY_ROTATION_DAYS: else a new key would be due at once.");
        }

        var exposed = listener.BeyondLoopback || publicUrl is { IsLoopback: false };
        var production = DeploymentEnvironment.IsProduction(reader, exposed);
        var settings = new CoordinatorSettings
        {
            Listener = listener,
            PublicUrl = publicUrl?.GetLeftPart(UriPartial.Authority),
            PeerId = reader.Text("COORDINATOR_PEER_ID"),
            DataDirectory = dataDirectory,
            DatabaseUrl = reader.Text("DATABASE_URL"),
            KeyPassphrase = passphrase,
            MeshToken = reader.Secret("MESH_AUTH_TOKEN"),
            AdminToken = reader.Secret("ADMIN_API_TOKEN"),
            PortalToken = portal?.CoordinatorToken ?? reader.Secret("PORTAL_COORDINATOR_TOKEN") ?? (exposed ? null : reader.Secret("PORTAL_SERVICE_TOKEN")),
            PortalServiceUrl = portal?.Url ?? reader.Url("PORTAL_SERVICE_URL"),
            PortalServiceToken = portal?.ServiceToken ?? reader.Secret("PORTAL_SERVICE_TOKEN"),
            EnrolsBesidePortal = portal is not null,
            InferenceUrl = reader.Url("INFERENCE_URL", "http://127.0.0.1:4302") ?? new("http://127.0.0.1:4302"),
            InferenceToken = reader.Secret("INFERENCE_AUTH_TOKEN"),
            NetworkMode = reader.Choice("NETWORK_MODE", "public_mesh", "public_mesh", "enterprise_overlay"),
            MaxSkew = skew,
            NonceTime = nonces,
            AgentRateLimit = (int)reader.Number("AGENT_RATE_LIMIT_MAX", 30, 1, 10_000),
            AgentRateWindow = reader.Milliseconds("AGENT_RATE_LIMIT_WINDOW_MS", 60_000, 1_000, 3_600_000),
            RegistrationTokenTime = reader.Milliseconds("NODE_REGISTRATION_TOKEN_TTL_MS", 259_200_000, 60_000, 2_592_000_000),
            RequireVerifiedAgents = reader.Flag("REQUIRE_VERIFIED_AGENTS", false),
            ModelSources = Sources(reader),
            IosPullInterval = reader.Milliseconds("IOS_BATTERY_PULL_MIN_INTERVAL_MS", 45_000, 0, 3_600_000),
            IosStopLevel = (int)reader.Number("IOS_BATTERY_TASK_STOP_LEVEL_PCT", 20, 0, 100),
            ContributionBurstMc = 1_000 * reader.Number("CONTRIBUTION_BURST_CREDITS", 25, 0, 1_000_000),
            ContributionRatioBps = reader.BasisPoints("MIN_CONTRIBUTION_RATIO", 10_000, 1_000_000),
            Faucet = reader.Flag("FAUCET_ENABLED", false),
            CheckpointInterval = reader.Milliseconds("LEDGER_CHECKPOINT_INTERVAL_MS", 1_000, 50, 3_600_000),
            LedgerSyncInterval = reader.Milliseconds("STATS_LEDGER_SYNC_INTERVAL_MS", 10_000, 1_000, 3_600_000),
            LedgerPublicRead = reader.Flag("LEDGER_PUBLIC_READ", false),
            Keys = new() { Lifetime = TimeSpan.FromDays(keyDays), Warning = TimeSpan.FromDays(keyWarning) },
            ParentUrl = reader.Url("PARENT_COORDINATOR_URL"),
            ParentToken = reader.Secret("PARENT_MESH_TOKEN"),
            CallbackUrl = reader.Url("ESCALATION_CALLBACK_URL"),
            CallbackToken = reader.Secret("ESCALATION_CALLBACK_TOKEN"),
            EscalationTimeout = reader.Milliseconds("ESCALATION_TIMEOUT_MS", 30_000, 1_000, 600_000),
            EscalationRetries = (int)reader.Number("ESCALATION_MAX_RETRIES", 2, 0, 10),
            EscalationDelay = reader.Milliseconds("ESCALATION_RETRY_BASE_DELAY_MS", 1_000, 100, 60_000),
            Anchors = AnchorSettings.Read(reader, production, exposed, anchorProxy),
            Issuance = IssuanceSettings.Read(reader),
            Statistics = StatisticsSettings.Read(reader),
        };
        settings.Payments = PaymentSettings.Read(reader, production);
        if (production && settings.Faucet)
        {
            reader.Refuse("FAUCET_ENABLED gives credits away: it is for development on this machine, not for production (EDGE_ENV) or beyond loopback. Unset it.");
        }

        if (exposed)
        {
            settings.RefuseWhatIsMissingBeyondLoopback(reader);
        }

        return settings;
    }

    private static ModelSources Sources(SettingsReader reader)
    {
        var fault = "";
        var sources = reader.Text("MODEL_SOURCE_ALLOWLIST") is { } text ? ModelSources.TryParse(text, out var list, out fault) ? list : null : ModelSources.Default;
        if (sources is null)
        {
            reader.Refuse($"MODEL_SOURCE_ALLOWLIST: {fault}.");
        }

        return sources ?? ModelSources.Default;
    }

    private void RefuseWhatIsMissingBeyondLoopback(SettingsReader reader)
    {
        foreach (var (missing, name) in new[]
        {
            (PublicUrl is null, "COORDINATOR_PUBLIC_URL (https)"),
            (AdminToken is null, "ADMIN_API_TOKEN"),
            (PortalServiceUrl is null, "PORTAL_SERVICE_URL"),
            (PortalServiceToken is null, "PORTAL_SERVICE_TOKEN"),
        })
        {
            if (missing)
            {
                reader.Refuse($"Listening beyond loopback needs {name}.");
            }
        }
    }
}
