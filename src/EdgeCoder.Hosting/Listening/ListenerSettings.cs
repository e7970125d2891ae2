using System.Net;
using EdgeCoder.Hosting.Settings;

namespace EdgeCoder.Hosting.Listening;

/// <summary>Where a role listens (ARCHITECTURE 1; environment.md 2, 3).</summary>
public sealed record ListenerSettings
{
    /// <summary>Addresses. Default: 127.0.0.1.</summary>
    public required IReadOnlyList<IPAddress> Addresses { get; init; }

    /// <summary>Port; 0 takes a free one, which only tests ask for.</summary>
    public required int Port { get; init; }

    /// <summary>Own TLS certificate, PEM; null without.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>Its key, PEM.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Proxies that may end TLS and whose forwarded headers count.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Whether any address is not loopback.</summary>
    public bool BeyondLoopback => Addresses.Any(address => !IPAddress.IsLoopback(address));

    /// <summary>Loopback, on a port.</summary>
    public static ListenerSettings Loopback(int port) => new() { Addresses = [IPAddress.Loopback], Port = port };

    /// <summary>
    /// Reads <c>EDGECODER_BIND</c>, the role's port, TLS and proxies. Beyond loopback TLS or a trusted proxy must be named; the role adds what else it
    /// needs to the same list of faults.
    /// </summary>
    public static ListenerSettings Read(SettingsReader reader, string portName, int standardPort)
    {
        var addresses = new List<IPAddress>();
        foreach (var item in reader.List("EDGECODER_BIND"))
        {
            if (IPAddress.TryParse(item, out var address))
            {
                addresses.Add(address);
            }
            else
            {
                reader.Refuse("EDGECODER_BIND must be IP addresses, separated by commas.");
            }
        }

        var proxies = new List<IPNetwork>();
        foreach (var item in reader.List("TRUSTED_PROXIES"))
        {
            if (IPNetwork.TryParse(item, out var network) && network.PrefixLength > 0)
            {
                proxies.Add(network);
            }
            else
            {
                reader.Refuse("TRUSTED_PROXIES must be networks such as 10.0.0.0/8, separated by commas, and never every address.");
            }
        }

        var certificate = reader.Text("EDGECODER_TLS_CERT_FILE");
        var key = reader.Text("EDGECODER_TLS_KEY_FILE");
        if (certificate is null != key is null)
        {
            reader.Refuse("EDGECODER_TLS_CERT_FILE and EDGECODER_TLS_KEY_FILE belong together. Set both or neither.");
        }

        var settings = new ListenerSettings
        {
            Addresses = addresses.Count == 0 ? [IPAddress.Loopback] : addresses,
            Port = (int)reader.Number(portName, standardPort, 1, 65_535),
            CertificateFile = certificate,
            KeyFile = key,
            TrustedProxies = proxies,
        };
        if (settings.BeyondLoopback && certificate is null && proxies.Count == 0)
        {
            reader.Refuse("Listening beyond loopback needs EDGECODER_TLS_CERT_FILE and EDGECODER_TLS_KEY_FILE, or TRUSTED_PROXIES that end TLS.");
        }

        return settings;
    }
}
