using System.Net.Http;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.Composition;
using EdgeCoder.IdeProvider.Upstreams;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.IdeProvider.LocalRuns;

/// <summary><c>GET /models</c> and <c>GET /model/pull/progress</c>, as the inference service answers them (agent-executor-models 4.6, 6.2).</summary>
internal static class ModelAdminEndpoints
{
    private const int MostBytes = 4 << 20;

    /// <summary>Maps them.</summary>
    public static void MapModelAdmin(this IEndpointRouteBuilder routes)
    {
        var inference = routes.ServiceProvider.GetRequiredService<InferenceUpstream>().Upstream;
        foreach (var (pattern, path) in new[] { ("/models", "model/list"), ("/model/pull/progress", "model/pull/progress") })
        {
            routes.MapAdmitted("GET", pattern, AccessRule.Key, (context, _) => PassAsync(context, inference, path));
        }
    }

    private static async Task PassAsync(HttpContext context, LocalUpstream inference, string path)
    {
        try
        {
            using var answer = await inference.GetAsync(path, context.RequestAborted).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode || answer.Content.Headers.ContentLength > MostBytes)
            {
                throw new Refusal(502, "upstream_error", $"{inference} answers {(int)answer.StatusCode} to a question for its models.");
            }

            var body = await answer.Content.ReadAsByteArrayAsync(context.RequestAborted).ConfigureAwait(false);
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
        }
        catch (HttpRequestException)
        {
            throw new Refusal(503, "local_model_unavailable", $"{inference} does not answer. Start it with: edgecoder up") { RetryAfter = 5 };
        }
    }
}
