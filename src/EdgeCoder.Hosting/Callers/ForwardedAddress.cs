using System.Net;
using Microsoft.AspNetCore.Builder;

namespace EdgeCoder.Hosting.Callers;

/// <summary>
/// The client's address behind a proxy (coordinator-and-mesh 1): only when the socket itself is a trusted proxy's, the first non-empty of
/// <c>fly-client-ip</c>, <c>cf-connecting-ip</c>, <c>x-real-ip</c>, <c>true-client-ip</c>, else the right-most untrusted hop of
/// <c>x-forwarded-for</c>. From anyone else these headers mean nothing.
/// </summary>
public static class ForwardedAddress
{
    private const string HopsHeader = "x-forwarded-for";

    private static readonly string[] ClientHeaders = ["fly-client-ip", "cf-connecting-ip", "x-real-ip", "true-client-ip"];

    /// <summary>The address that counts.</summary>
    /// <param name="socket">Address of the socket.</param>
    /// <param name="header">Value of a header; null or empty when absent.</param>
    /// <param name="trusted">Networks of trusted proxies.</param>
    public static IPAddress Of(IPAddress socket, Func<string, string?> header, IReadOnlyList<IPNetwork> trusted)
    {
        socket = Plain(socket);
        if (!IsTrusted(socket, trusted))
        {
            return socket;
        }

        foreach (var name in ClientHeaders)
        {
            if (header(name) is { Length: > 0 } value)
            {
                // A trusted proxy that sends no address is broken: its own is taken, and nothing further is believed.
                return Parse(value) ?? socket;
            }
        }

        var nearest = socket;
        foreach (var hop in (header(HopsHeader) ?? "").Split(',').Reverse())
        {
            if (Parse(hop) is not { } address)
            {
                break;
            }

            nearest = address;
            if (!IsTrusted(address, trusted))
            {
                break;
            }
        }

        return nearest;
    }

    /// <summary>Puts that address in the place of the socket's, before anything looks at it.</summary>
    public static IApplicationBuilder UseForwardedAddress(this IApplicationBuilder app, IReadOnlyList<IPNetwork> trusted) => trusted.Count == 0 ? app : app.Use(next => context =>
    {
        if (context.Connection.RemoteIpAddress is { } socket)
        {
            context.Connection.RemoteIpAddress = Of(socket, name => context.Request.Headers[name].ToString(), trusted);
        }

        return next(context);
    });

    private static IPAddress? Parse(string text) => IPAddress.TryParse(text.AsSpan().Trim(), out var address) ? Plain(address) : null;

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static bool IsTrusted(IPAddress address, IReadOnlyList<IPNetwork> trusted)
    {
        foreach (var network in trusted)
        {
            if (network.Contains(address))
            {
                return true;
            }
        }

        return false;
    }
}
