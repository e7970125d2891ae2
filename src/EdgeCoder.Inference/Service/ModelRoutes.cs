using System.Text.Json.Serialization.Metadata;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Inference.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Inference.Service;

/// <summary>Routes of coordinators that ask a model.</summary>
internal static class ModelRoutes
{
    /// <summary>
    /// Maps one: 1 token and signature; 2 the body, read and checked; 3 the answer, whose time is taken whatever comes of it.
    /// </summary>
    /// <param name="routes">Routes.</param>
    /// <param name="pattern">Path.</param>
    /// <param name="body">How the body is read.</param>
    /// <param name="check">Refuses a body that breaks its rules; gives its language.</param>
    /// <param name="answer">JSON and status.</param>
    /// <param name="took">Told the time too.</param>
    public static void MapAsking<TRequest, TLanguage>(
        this IEndpointRouteBuilder routes,
        string pattern,
        JsonTypeInfo<TRequest> body,
        Func<TRequest, TLanguage> check,
        Func<TRequest, TLanguage, CancellationToken, Task<(byte[] Json, int Status)>> answer,
        Action<TimeSpan>? took = null)
        where TRequest : class
    {
        var metrics = routes.ServiceProvider.GetRequiredService<InferenceMetrics>();
        var time = routes.ServiceProvider.GetRequiredService<RoleClock>().Time;
        routes.MapGuarded("POST", pattern, InferenceRule.Signed, async context =>
        {
            var request = JsonBody.Read(context, body);
            var language = check(request);
            var start = time.GetTimestamp();
            try
            {
                var (json, status) = await answer(request, language, context.RequestAborted).ConfigureAwait(false);
                await OverviewEndpoints.Json(context, json, status).ConfigureAwait(false);
            }
            finally
            {
                var elapsed = time.GetElapsedTime(start);
                metrics.Took(elapsed);
                took?.Invoke(elapsed);
            }
        });
    }
}
