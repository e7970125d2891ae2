using System.Text.Json;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Service;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Inference.Swaps;

/// <summary>The routes below <c>/model</c> (agent-executor-models 4.6). All need the token.</summary>
internal static class SwapEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapSwaps(this IEndpointRouteBuilder routes)
    {
        var swaps = routes.ServiceProvider.GetRequiredService<ModelSwaps>();
        routes.MapGuarded("POST", "/model/swap", InferenceRule.WithToken, async context =>
        {
            var request = Read(context);
            var answer = await swaps.SwapAsync(request.Model!, request.Activate ?? true, context.RequestAborted).ConfigureAwait(false);
            await OverviewEndpoints.Json(context, JsonSerializer.SerializeToUtf8Bytes(answer, SwapsJson.Default.SwapAnswer)).ConfigureAwait(false);
        });
        routes.MapGuarded("GET", "/model/status", InferenceRule.WithToken, async context =>
            await OverviewEndpoints.Json(context, JsonSerializer.SerializeToUtf8Bytes(await swaps.StatusAsync(context.RequestAborted).ConfigureAwait(false), SwapsJson.Default.ModelStatusView)).ConfigureAwait(false));
        routes.MapGuarded("GET", "/model/list", InferenceRule.WithToken, async context =>
            await OverviewEndpoints.Json(context, JsonSerializer.SerializeToUtf8Bytes(await swaps.ListAsync(context.RequestAborted).ConfigureAwait(false), SwapsJson.Default.IReadOnlyListModelListView)).ConfigureAwait(false));
        routes.MapGuarded("GET", "/model/pull/progress", InferenceRule.WithToken, context =>
            OverviewEndpoints.Json(context, JsonSerializer.SerializeToUtf8Bytes(swaps.Pulls.Progress, SwapsJson.Default.PullView)));
        routes.MapGuarded("POST", "/model/pull", InferenceRule.WithToken, async context =>
        {
            var request = Read(context);
            await ToldAsync(() => swaps.Pulls.StartAsync(request.Model!, request.Activate ?? false, context.RequestAborted)).ConfigureAwait(false);
            await OverviewEndpoints.Json(context, JsonSerializer.SerializeToUtf8Bytes(swaps.Pulls.Progress, SwapsJson.Default.PullView), 202).ConfigureAwait(false);
        });
        routes.MapGuarded("POST", "/model/pull/cancel", InferenceRule.WithToken, async context =>
        {
            await swaps.Pulls.CancelAsync().ConfigureAwait(false);
            context.Response.StatusCode = 204;
        });
        routes.MapGuarded("DELETE", "/model/{**id}", InferenceRule.WithToken, async context =>
        {
            var id = Uri.UnescapeDataString(context.GetRouteValue("id") as string ?? "");
            await ToldAsync(() => swaps.RemoveAsync(id, context.RequestAborted)).ConfigureAwait(false);
            context.Response.StatusCode = 204;
        });
    }

    private static SwapRequest Read(HttpContext context)
    {
        var request = JsonBody.Read(context, SwapsJson.Default.SwapRequest);
        return string.IsNullOrWhiteSpace(request.Model) ? throw new Refusal(400, "model_required", "Name the model: its exact id, or PROVIDER/ID.") : request;
    }

    private static async Task ToldAsync(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (ModelException fault)
        {
            var status = fault.Code switch
            {
                "model_not_found" => 404,
                "model_in_use" or "pull_busy" or "model_not_removable" => 409,
                "reach_not_allowed" => 403,
                _ => 503,
            };
            throw new Refusal(status, fault.Code, fault.Hint is null ? fault.Message : $"{fault.Message} {fault.Hint}");
        }
    }
}
