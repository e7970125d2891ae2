using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Statistics;

/// <summary>Says of a route that others rely on what it does: in phase 3 it waits for the log to be final (economy-and-ledger 12).</summary>
internal sealed class NeedsFinality
{
    /// <summary>The one there is.</summary>
    public static NeedsFinality Metadata { get; } = new();

    private NeedsFinality()
    {
    }
}

/// <summary>Asks the gate before such routes, after the caller is known.</summary>
internal static class FederationGateMiddleware
{
    /// <summary>Adds it, after <c>UseCallers</c>.</summary>
    public static IApplicationBuilder UseFederationGate(this IApplicationBuilder app) => app.Use(next => async context =>
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<NeedsFinality>() is not null)
        {
            await context.RequestServices.GetRequiredService<FederationGate>().RequireAsync(context.RequestAborted);
        }

        await next(context);
    });
}
