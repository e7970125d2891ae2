using EdgeCoder.Hosting.Listening;
using EdgeCoder.Hosting.Settings;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Accounts;
using EdgeCoder.Portal.Changes;
using EdgeCoder.Portal.Limits;
using EdgeCoder.Portal.Mail;
using EdgeCoder.Portal.Passkeys;
using EdgeCoder.Portal.Roles;

namespace EdgeCoder.Portal.Composition;

/// <summary>What the portal needs to start (portal-and-control-plane 2, 4; environment.md). Not a record: it holds secrets.</summary>
public sealed class PortalSettings
{
    private const string StandardUrl = "http://127.0.0.1:4310";

    /// <summary>Where it listens; port 4310.</summary>
    public required ListenerSettings Listener { get; init; }

    /// <summary>Its own directory: the SQLite file, the key file, mail of development.</summary>
    public required string DataDirectory { get; init; }

    /// <summary><c>PORTAL_DATABASE_URL</c>, else <c>DATABASE_URL</c>; null: SQLite. Secret.</summary>
    public string? DatabaseUrl { get; init; }

    /// <summary><c>PORTAL_PUBLIC_URL</c>: what links in mails begin with; null: the listener's own address.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>Whether others than this machine reach it: its listener, or its public address.</summary>
    public bool Exposed { get; init; }

    /// <summary>Origins of native applications that may call with a bearer token.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary><c>PORTAL_SESSION_TTL_MS</c>.</summary>
    public TimeSpan SessionTime { get; init; } = TimeSpan.FromDays(7);

    /// <summary><c>PORTAL_SESSION_IDLE_TTL_MS</c>.</summary>
    public TimeSpan SessionIdleTime { get; init; } = TimeSpan.FromDays(3);

    /// <summary>Idle limit of people who operate.</summary>
    public static TimeSpan OperatorIdleTime => TimeSpan.FromHours(8);

    /// <summary><c>PORTAL_EMAIL_VERIFY_TTL_MS</c>.</summary>
    public TimeSpan VerifyTime { get; init; } = TimeSpan.FromDays(1);

    /// <summary><c>PORTAL_RESET_TTL_MS</c>.</summary>
    public TimeSpan ResetTime { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary><c>PORTAL_ACCOUNT_DISCLOSURE</c> is <c>uniform</c>: no answer tells whether an address has an account.</summary>
    public bool Uniform { get; init; } = true;

    /// <summary><c>PORTAL_SIGNUP</c> is <c>open</c>.</summary>
    public bool SignUpOpen { get; init; } = true;

    /// <summary><c>PORTAL_PASSWORD_ITERATIONS</c>: of PBKDF2; settings take no fewer than <see cref="PasswordHashing.LeastIterations"/>.</summary>
    public int PasswordIterations { get; init; } = PasswordHashing.LeastIterations;

    /// <summary><c>PORTAL_DATA_PROTECTION_KEY_FILE</c>; null: one of the data directory, made at the first start.</summary>
    public string? KeyFile { get; init; }

    /// <summary><c>WALLET_DEFAULT_NETWORK</c>.</summary>
    public string WalletNetwork { get; init; } = "signet";

    /// <summary>The home coordinator, and what calls of services need.</summary>
    public EdgeSettings Edges { get; set; } = new();

    /// <summary>For whom passkeys are made.</summary>
    public PasskeySettings Passkeys { get; init; } = new();

    /// <summary>How mail leaves.</summary>
    public MailSettings Mail { get; init; } = new();

    /// <summary>Limits of attempts.</summary>
    internal LimitSettings Limits { get; init; } = new();

    /// <summary>Roles by configuration.</summary>
    internal ConfiguredRoles Roles { get; init; } = ConfiguredRoles.None;

    /// <summary>The same with a coordinator of this process and credentials that the process made.</summary>
    public PortalSettings With(Uri coordinatorUrl, string coordinatorToken, string serviceToken)
    {
        var copy = (PortalSettings)MemberwiseClone();
        copy.Edges = Edges with { CoordinatorUrl = coordinatorUrl, CoordinatorToken = coordinatorToken, ServiceToken = serviceToken };
        return copy;
    }

    /// <summary>What needs a second person.</summary>
    internal ApprovalPolicy Approvals { get; init; } = ApprovalPolicy.Standard;

    /// <summary>Reads them; everything that is missing or wrong goes to the reader.</summary>
    /// <param name="reader">Settings.</param>
    /// <param name="dataDirectory">Directory of the role.</param>
    public static PortalSettings Read(SettingsReader reader, string dataDirectory)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var listener = ListenerSettings.Read(reader, "PORTAL_PORT", 4310);
        var named = reader.Url("PORTAL_PUBLIC_URL");
        var exposed = listener.BeyondLoopback || named is { IsLoopback: false };
        var production = DeploymentEnvironment.IsProduction(reader, exposed);
        if (exposed)
        {
            RequireWhatExposedNeeds(reader, named, listener);
        }

        var database = reader.Text("PORTAL_DATABASE_URL") ?? reader.Text("DATABASE_URL");
        Check(reader, database);
        var uniform = reader.Choice("PORTAL_ACCOUNT_DISCLOSURE", exposed || production ? "uniform" : "open", "uniform", "open") == "uniform";
        if (!uniform && (exposed || production))
        {
            reader.Refuse("PORTAL_ACCOUNT_DISCLOSURE=open tells strangers who has an account, so it is for loopback outside production only. Set uniform.");
        }

        var session = reader.Milliseconds("PORTAL_SESSION_TTL_MS", 604_800_000, 60_000, 2_592_000_000);
        var idle = reader.Milliseconds("PORTAL_SESSION_IDLE_TTL_MS", Math.Min(259_200_000, (long)session.TotalMilliseconds), 60_000, 2_592_000_000);
        if (idle > session)
        {
            reader.Refuse("PORTAL_SESSION_IDLE_TTL_MS must not be longer than PORTAL_SESSION_TTL_MS.");
        }

        return new()
        {
            Listener = listener,
            DataDirectory = dataDirectory,
            DatabaseUrl = database,
            PublicUrl = named ?? (listener.Port == 4310 ? new(StandardUrl) : null),
            Exposed = exposed,
            AllowedOrigins = Origins(reader, exposed || production),
            SessionTime = session,
            SessionIdleTime = idle,
            VerifyTime = reader.Milliseconds("PORTAL_EMAIL_VERIFY_TTL_MS", 86_400_000, 60_000, 604_800_000),
            ResetTime = reader.Milliseconds("PORTAL_RESET_TTL_MS", 1_800_000, 60_000, 604_800_000),
            Uniform = uniform,
            SignUpOpen = reader.Choice("PORTAL_SIGNUP", "open", "open", "closed") == "open",
            PasswordIterations = (int)reader.Number("PORTAL_PASSWORD_ITERATIONS", PasswordHashing.LeastIterations, PasswordHashing.LeastIterations, 10_000_000),
            KeyFile = reader.Text("PORTAL_DATA_PROTECTION_KEY_FILE"),
            WalletNetwork = reader.Choice("WALLET_DEFAULT_NETWORK", "signet", "bitcoin", "testnet", "signet"),
            Edges = EdgeSettings.Read(reader, exposed),
            Passkeys = PasskeySettings.Read(reader, exposed),
            Mail = MailSettings.Read(reader, dataDirectory, production, exposed),
            Approvals = ApprovalPolicy.Read(reader),
            Limits = LimitSettings.Read(reader, exposed || production),
            Roles = new(Addresses(reader, "SYSTEM_ADMIN_EMAILS"), Addresses(reader, "COORDINATOR_ADMIN_EMAILS"), Addresses(reader, "COORDINATOR_OPERATIONS_OWNER_EMAILS")),
        };
    }

    private static void RequireWhatExposedNeeds(SettingsReader reader, Uri? named, ListenerSettings listener)
    {
        if (named is null || named.Scheme != Uri.UriSchemeHttps)
        {
            reader.Refuse("PORTAL_PUBLIC_URL must be the https address that people use, because the portal is reached from beyond this machine.");
        }

        if (listener.CertificateFile is null && listener.TrustedProxies.Count == 0)
        {
            reader.Refuse("A public portal needs EDGECODER_TLS_CERT_FILE and EDGECODER_TLS_KEY_FILE, or TRUSTED_PROXIES that end TLS.");
        }

        string[] missing = [.. new[] { "PASSKEY_RP_ID", "PASSKEY_RP_NAME", "PASSKEY_ORIGIN", "CONTROL_PLANE_URL", "COORDINATOR_URL", "PORTAL_DATA_PROTECTION_KEY_FILE" }.Where(name => reader.Text(name) is null)];
        if (missing.Length > 0)
        {
            reader.Refuse($"A public portal needs {string.Join(", ", missing)}.");
        }

        string[] edges = ["PORTAL_SERVICE_TOKEN", "CONTROL_PLANE_ADMIN_TOKEN", "PORTAL_COORDINATOR_TOKEN"];
        var faults = reader.Faults.Count;
        var secrets = edges.Select(name => (Name: name, Value: reader.Secret(name))).ToList();
        if (reader.Faults.Count == faults && secrets.Any(secret => secret.Value is null))
        {
            reader.Refuse($"A public portal needs {string.Join(", ", secrets.Where(secret => secret.Value is null).Select(secret => secret.Name))}: random values of at least 32 characters, each for one edge.");
        }

        if (secrets.Where(secret => secret.Value is not null).GroupBy(secret => secret.Value).Any(same => same.Count() > 1))
        {
            reader.Refuse($"{string.Join(", ", edges)} must differ from each other.");
        }
    }

    private static void Check(SettingsReader reader, string? database)
    {
        if (database is null)
        {
            return;
        }

        try
        {
            StoreSettings.OnServer(database);
        }
        catch (FormatException fault)
        {
            reader.Refuse(reader.Text("PORTAL_DATABASE_URL") is null ? fault.Message : "PORTAL_DATABASE_URL: " + fault.Message);
        }
    }

    private static List<string> Origins(SettingsReader reader, bool strict)
    {
        var origins = new List<string> { "tauri://localhost", "https://tauri.localhost" };
        if (!strict)
        {
            origins.Add("http://localhost:1420");
        }

        foreach (var item in reader.List("PORTAL_ALLOWED_ORIGINS"))
        {
            if (Uri.TryCreate(item, UriKind.Absolute, out var origin) && origin.Scheme == Uri.UriSchemeHttps && origin.GetLeftPart(UriPartial.Authority) == item)
            {
                origins.Add(item);
            }
            else
            {
                reader.Refuse("PORTAL_ALLOWED_ORIGINS must be https origins without a path, separated by commas.");
            }
        }

        return origins;
    }

    private static HashSet<string> Addresses(SettingsReader reader, string name)
    {
        var addresses = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in reader.List(name))
        {
            if (EmailAddress.Normalise(item) is { } address)
            {
                addresses.Add(address);
            }
            else
            {
                reader.Refuse($"{name} must be mail addresses, separated by commas.");
            }
        }

        return addresses;
    }
}
