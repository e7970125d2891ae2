using System.Net;
using EdgeCoder.Hosting.Problems;
using Microsoft.AspNetCore.Builder;

namespace EdgeCoder.Hosting.Web;

/// <summary>
/// Keeps web pages from driving a service (ARCHITECTURE 1; coordinator-and-mesh 1, Browser): the <c>Host</c> must be one of ours, which stops DNS
/// rebinding, and an <c>Origin</c> must be allowed, which stops foreign pages.
/// </summary>
/// <param name="PublicHost">Host of the public address, when there is one beyond loopback.</param>
/// <param name="Origins">Origins allowed besides none.</param>
public sealed record AddressGuard(string? PublicHost, IReadOnlyList<string> Origins)
{
    /// <summary>Origins of our own desktop shell.</summary>
    public static readonly IReadOnlyList<string> ShellOrigins = ["tauri://localhost", "https://tauri.localhost"];

    /// <summary>Whether a <c>Host</c> header names us: a loopback name, or the public host. The port is free, because proxies change it.</summary>
    public bool Knows(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.Equals(PublicHost, StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.AsSpan().Trim("[]"), out var address) && IPAddress.IsLoopback(address));

    /// <summary>Why a request is refused; null when it is not.</summary>
    public Refusal? Refuse(string host, string? origin)
    {
        if (!Knows(host))
        {
            return new(403, "host_forbidden", "The Host header does not name this service. Use its own address.");
        }

        return origin is null || Origins.Contains(origin, StringComparer.Ordinal)
            ? null
            : new(403, "origin_forbidden", "Pages of this origin may not call this service.");
    }
}

/// <summary>Adds the guard.</summary>
public static class AddressGuardExtensions
{
    /// <summary>Refuses before anything else is looked at.</summary>
    public static IApplicationBuilder UseAddressGuard(this IApplicationBuilder app, AddressGuard guard) => app.Use(next => context =>
    {
        string? origin = context.Request.Headers.Origin.Count == 0 ? null : context.Request.Headers.Origin.ToString();
        return guard.Refuse(context.Request.Host.Host, origin) is { } refusal ? throw refusal : next(context);
    });
}
