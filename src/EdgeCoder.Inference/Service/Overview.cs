using System.Net;
using System.Text;
using System.Text.Json;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Inference.Catalogue;
using EdgeCoder.Inference.Escalation;
using EdgeCoder.Inference.Metrics;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Escalations;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Inference.Service;

/// <summary>What the role shows of itself.</summary>
internal sealed class Overview(ModelHub hub, InferenceMetrics metrics, EscalationTimes times, RoleClock clock)
{
    /// <summary>Open to everyone.</summary>
    public InferenceHealth Health => new(true, "inference", (long)clock.Uptime.TotalSeconds, times.TimeoutMs);

    /// <summary>Counts.</summary>
    public InferenceCounts Counts => metrics.Counts;

    /// <summary>Changes of the active model, newest first.</summary>
    public IReadOnlyList<SwapRecord> Swaps => hub.Store.Swaps;

    /// <summary>The state now, with a real probe of Ollama.</summary>
    public async Task<OverviewView> ReadAsync(CancellationToken cancellationToken)
    {
        var active = hub.Store.Active;
        var size = active is null ? null : (await hub.ListAsync(_ => { }, cancellationToken).ConfigureAwait(false)).FirstOrDefault(model => model.Active)?.ParamSize;
        var health = await hub.HealthAsync(cancellationToken).ConfigureAwait(false);
        return new(
            active?.ModelId,
            size,
            health.Any(provider => provider.Provider == ProviderKinds.Ollama && provider.Health.Ok),
            (long)clock.Uptime.TotalSeconds,
            Environment.WorkingSet >> 20,
            metrics.Counts);
    }

    /// <summary>The same as a page without script: it asks nothing and shows nothing that its reader could not read as JSON.</summary>
    public static string Page(OverviewView view)
    {
        var rows = new (string Name, string Value)[]
        {
            ("Active model", view.ActiveModel ?? "none"),
            ("Parameters", view.ActiveModelParamSize ?? "unknown"),
            ("Ollama", view.OllamaHealthy ? "answers" : "does not answer"),
            ("Up for", $"{view.UptimeSeconds} s"),
            ("Memory", $"{view.MemoryMB} MiB"),
            ("Plans asked, made, fallen back", $"{view.Metrics.DecomposeRequests}, {view.Metrics.DecomposeSuccesses}, {view.Metrics.DecomposeFallbacks}"),
            ("Escalations asked, answered, failed", $"{view.Metrics.EscalateRequests}, {view.Metrics.EscalateSuccesses}, {view.Metrics.EscalateFailures}"),
        };
        return $"""
            <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>EdgeCoder inference</title>
            <h1>Inference</h1><table>{string.Concat(rows.Select(row => $"<tr><th scope=\"row\">{WebUtility.HtmlEncode(row.Name)}</th><td>{WebUtility.HtmlEncode(row.Value)}</td></tr>"))}</table>
            </html>
            """;
    }
}

/// <summary>Health, metrics and overview.</summary>
internal static class OverviewEndpoints
{
    /// <summary>Maps them. Only <c>/health</c> is open.</summary>
    public static void MapOverview(this IEndpointRouteBuilder routes)
    {
        var overview = routes.ServiceProvider.GetRequiredService<Overview>();
        routes.MapGuarded("GET", "/health", InferenceRule.Open, context => Json(context, JsonSerializer.SerializeToUtf8Bytes(overview.Health, InferenceJson.Default.InferenceHealth)))
            .AllowCallers(CallerKinds.Anyone);
        routes.MapGuarded("GET", "/metrics", InferenceRule.WithToken, context => MetricsText.IsWanted(context.Request.Headers.Accept.ToString())
            ? Text(context, MetricsText.MediaType, MetricsText.Write(overview.Counts))
            : Json(context, JsonSerializer.SerializeToUtf8Bytes(overview.Counts, ServiceJson.Default.InferenceCounts)));
        routes.MapGuarded("GET", "/dashboard", InferenceRule.WithToken, async context =>
        {
            context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'";
            await Text(context, "text/html; charset=utf-8", Overview.Page(await overview.ReadAsync(context.RequestAborted).ConfigureAwait(false))).ConfigureAwait(false);
        });
        routes.MapGuarded("GET", "/dashboard/api/overview", InferenceRule.WithToken, async context =>
            await Json(context, JsonSerializer.SerializeToUtf8Bytes(await overview.ReadAsync(context.RequestAborted).ConfigureAwait(false), ServiceJson.Default.OverviewView)).ConfigureAwait(false));

        routes.MapGuarded("GET", "/dashboard/api/swap-history", InferenceRule.WithToken, context =>
            Json(context, JsonSerializer.SerializeToUtf8Bytes(new SwapHistoryView(overview.Swaps), ServiceJson.Default.SwapHistoryView)));
    }

    /// <summary>Writes JSON.</summary>
    public static Task Json(HttpContext context, byte[] json, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        return context.Response.Body.WriteAsync(json, context.RequestAborted).AsTask();
    }

    private static Task Text(HttpContext context, string type, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }
}
