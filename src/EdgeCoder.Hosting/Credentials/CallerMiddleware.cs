using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Hosting.Credentials;

/// <summary>Enforces the <see cref="CallerRule"/> of each route before anything of it runs.</summary>
public static class CallerMiddleware
{
    /// <summary>
    /// Adds it, after routing and after the translation of problems. It sets <see cref="Caller"/> and, but for streamed bodies, <see cref="ReceivedBody"/>. A route without
    /// a rule is a fault of the composition and answers 500 to everyone.
    /// </summary>
    public static IApplicationBuilder UseCallers(this IApplicationBuilder app)
    {
        var checks = app.ApplicationServices.GetRequiredService<CallerChecks>();
        return app.Use(next => async context =>
        {
            // No route, or one that routing made itself to answer 405 or 415: there is nothing to guard.
            if (context.GetEndpoint() is not RouteEndpoint route)
            {
                await next(context).ConfigureAwait(false);
                return;
            }

            var rule = route.Metadata.GetMetadata<CallerRule>();
            if (rule is null or { Kinds: CallerKinds.None })
            {
                throw new InvalidOperationException($"The route {route.RoutePattern.RawText} does not say who may call it (AllowCallers).");
            }

            try
            {
                context.Features.Set(await checks.CheckAsync(context, rule).ConfigureAwait(false));
            }
            catch (Refusal refusal) when (refusal.Status == StatusCodes.Status401Unauthorized && route.Metadata.GetMetadata<UnauthorizedCode>() is { } named)
            {
                throw new Refusal(refusal.Status, named.Code, refusal.Message) { Reason = refusal.Error };
            }

            if (route.Metadata.GetMetadata<StreamedBody>() is null)
            {
                await BodyReceiver.ReceiveAsync(context).ConfigureAwait(false);
            }

            await next(context).ConfigureAwait(false);
        });
    }
}
