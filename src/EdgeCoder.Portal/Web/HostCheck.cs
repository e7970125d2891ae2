using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Portal.Composition;
using Microsoft.AspNetCore.Builder;

namespace EdgeCoder.Portal.Web;

/// <summary><c>Host</c> must be a configured name: the public address's, and loopback names where nothing else can reach us (portal-and-control-plane 3.2).</summary>
internal static class HostCheck
{
    /// <summary>Mark of a request whose host is ours.</summary>
    public static readonly object Passed = new();

    /// <summary>Adds it.</summary>
    public static IApplicationBuilder UseHostCheck(this IApplicationBuilder app, PortalSettings settings)
    {
        var names = new AddressGuard(settings.PublicUrl?.Host, []);
        return app.Use(next => context =>
        {
            var host = context.Request.Host.Host;
            var known = settings.Listener.BeyondLoopback ? host.Equals(settings.PublicUrl?.Host, StringComparison.OrdinalIgnoreCase) : names.Knows(host);
            if (!known)
            {
                throw new Refusal(403, "host_forbidden", "The Host header does not name this portal. Use its own address.");
            }

            context.Items[Passed] = true;
            return next(context);
        });
    }
}
