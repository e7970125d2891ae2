using EdgeCoder.Hosting.Problems;
using Microsoft.AspNetCore.Builder;
using Orleans.Runtime;

namespace EdgeCoder.Coordinator.Silo;

/// <summary>What callers hear while a silo has just died and the others do not know it yet: a matter of seconds, and nothing is lost.</summary>
internal static class SiloFaults
{
    private const int RetrySeconds = 2;

    /// <summary>Whether a call did not reach its grain, or no answer came.</summary>
    public static bool IsUnavailable(Exception fault) => fault is OrleansException or TimeoutException;

    /// <summary>Answers 503 <c>silo_unavailable</c> instead of an unexpected failure.</summary>
    public static IApplicationBuilder UseSiloFaults(this IApplicationBuilder app) => app.Use(next => async context =>
    {
        try
        {
            await next(context);
        }
        catch (OrleansException) when (!context.Response.HasStarted)
        {
            throw new Refusal(503, "silo_unavailable", "Another coordinator of this network has just ended, and its work moves to the others. Try again in a moment.") { RetryAfter = RetrySeconds };
        }
    });
}
