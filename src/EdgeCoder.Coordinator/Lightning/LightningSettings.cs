using System.Security.Cryptography.X509Certificates;
using EdgeCoder.Hosting.Settings;

namespace EdgeCoder.Coordinator.Lightning;

/// <summary>Which Lightning node purchases are paid at (economy-and-ledger 6.3, 19). Holds a secret: no record that prints itself.</summary>
public sealed class LightningSettings
{
    /// <summary>No provider: purchases are off.</summary>
    public const string None = "none";

    /// <summary>LND over its REST interface.</summary>
    public const string Lnd = "lnd";

    /// <summary>Core Lightning over clnrest.</summary>
    public const string Cln = "cln";

    /// <summary>Settles when a test says so. Never in production.</summary>
    public const string Mock = "mock";

    /// <summary><c>LIGHTNING_PROVIDER</c>.</summary>
    public string Provider { get; init; } = None;

    /// <summary><c>BITCOIN_NETWORK</c>: bitcoin, testnet, signet or regtest. An invoice of another network is refused.</summary>
    public string Network { get; init; } = "signet";

    /// <summary><c>LND_REST_URL</c> or <c>CLN_REST_URL</c>.</summary>
    public Uri? Address { get; init; }

    /// <summary><c>LND_MACAROON_HEX</c> or <c>CLN_API_TOKEN</c>, a rune.</summary>
    public string? Credential { get; init; }

    /// <summary>
    /// <c>LND_TLS_CERT_FILE</c> or <c>CLN_TLS_CA_FILE</c>: a PEM certificate that is trusted for this node and nothing else; the only one then. Null: the machine's own
    /// trust. There is no setting that leaves the check out.
    /// </summary>
    public X509Certificate2? TrustedCertificate { get; init; }

    /// <summary>How long the node has for an answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Reads them; what is missing is one fault that names all of it, as <c>lnd_provider_missing_env</c>.</summary>
    public static LightningSettings Read(SettingsReader reader, bool production)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var provider = reader.Choice("LIGHTNING_PROVIDER", None, None, Lnd, Cln, Mock);
        var network = reader.Choice("BITCOIN_NETWORK", "signet", "bitcoin", "testnet", "signet", "regtest");
        if (provider == Mock && production)
        {
            reader.Refuse("LIGHTNING_PROVIDER=mock makes credits from nothing: it is for tests on this machine, not for production (EDGE_ENV) or beyond loopback. Use lnd, cln or none.");
        }

        return provider switch
        {
            Lnd => Node(reader, provider, network, "LND_REST_URL", "LND_MACAROON_HEX", "LND_TLS_CERT_FILE", credential => credential.All(char.IsAsciiHexDigit) && credential.Length % 2 == 0, "hex digits"),
            Cln => Node(reader, provider, network, "CLN_REST_URL", "CLN_API_TOKEN", "CLN_TLS_CA_FILE", credential => credential.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '='), "a rune: base64url"),
            _ => new() { Provider = provider, Network = network },
        };
    }

    private static LightningSettings Node(
        SettingsReader reader, string provider, string network, string url, string secret, string certificate, Func<string, bool> isCredential, string form)
    {
        string[] missing = [.. new[] { (url, reader.Text(url)), (secret, reader.Text(secret) ?? reader.Text(secret + "_FILE")) }.Where(one => one.Item2 is null).Select(one => one.Item1)];
        if (missing.Length > 0)
        {
            reader.Refuse($"{provider}_provider_missing_env: LIGHTNING_PROVIDER={provider} needs {string.Join(" and ", missing)}.");
        }

        var credential = reader.Secret(secret);
        if (credential is not null && !isCredential(credential))
        {
            reader.Refuse($"{secret} must be {form}.");
            credential = null;
        }

        return new() { Provider = provider, Network = network, Address = reader.Url(url), Credential = credential, TrustedCertificate = Certificate(reader, certificate) };
    }

    private static X509Certificate2? Certificate(SettingsReader reader, string name)
    {
        if (reader.Text(name) is not { } file)
        {
            return null;
        }

        try
        {
            return X509Certificate2.CreateFromPem(File.ReadAllText(file));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            reader.Refuse($"{name} must name a readable PEM certificate.");
            return null;
        }
    }
}
