using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace EdgeCoder.Inference.Providers;

/// <summary>Base address of a model server. A loopback one is always an IP literal, so that no name is looked up and none can point elsewhere.</summary>
/// <param name="Uri">Absolute address without user-info, query and fragment; ends with a slash.</param>
/// <param name="IsLoopback">Whether it is this machine.</param>
public sealed record ServerAddress(Uri Uri, bool IsLoopback)
{
    /// <summary>
    /// Reads an address. The scheme may be left out and is <c>http</c> then, with <paramref name="defaultPort"/>. <c>localhost</c> and the
    /// wildcard addresses that servers listen on mean loopback. Plain http is for loopback only.
    /// </summary>
    public static bool TryParse(string text, int? defaultPort, [NotNullWhen(true)] out ServerAddress? address, [NotNullWhen(false)] out string? fault)
    {
        address = null;
        var hasScheme = text.Contains("://", StringComparison.Ordinal);
        if (!Uri.TryCreate(hasScheme ? text : "http://" + text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.Host.Length == 0)
        {
            fault = "is not an http or https address";
            return false;
        }

        if (uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            fault = "must hold no user name, query or fragment";
            return false;
        }

        var host = uri.IdnHost.Trim('[', ']');
        var literal = IPAddress.TryParse(host, out var ip);
        if (literal && (ip!.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)))
        {
            ip = ip.Equals(IPAddress.Any) ? IPAddress.Loopback : IPAddress.IPv6Loopback;
        }
        else if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            (ip, literal) = (IPAddress.Loopback, true);
        }

        var loopback = literal && IPAddress.IsLoopback(ip!);
        if (!loopback && uri.Scheme != Uri.UriSchemeHttps)
        {
            fault = "must use https, because it is not this machine";
            return false;
        }

        var port = !hasScheme && defaultPort is { } wanted && !HasPort(text) ? wanted : uri.Port;
        var built = new UriBuilder(uri.Scheme, literal ? ip!.ToString() : uri.IdnHost, port, uri.AbsolutePath.TrimEnd('/') + "/");
        address = new(built.Uri, loopback);
        fault = null;
        return true;
    }

    /// <summary>Text without the last slash, for people.</summary>
    public override string ToString() => Uri.ToString().TrimEnd('/');

    private static bool HasPort(string text)
    {
        var authority = text.Split('/')[0];
        return authority.LastIndexOf(':') > authority.LastIndexOf(']') && (authority.StartsWith('[') || authority.Count(c => c == ':') == 1);
    }
}
