using System.Globalization;
using EdgeCoder.Coordinator.Equivocations;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Protocol.Identifiers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdgeCoder.Coordinator.Mirrors;

/// <summary>Routes of the logs that are kept here (economy-and-ledger 9.7, 12).</summary>
internal static class MirrorEndpoints
{
    private const CallerKinds Readers = CallerKinds.Operator | CallerKinds.Agent | CallerKinds.Peer | CallerKinds.MeshService | CallerKinds.PortalService;

    /// <summary>Maps them. With <paramref name="publicRead"/> anybody reads.</summary>
    public static IEndpointRouteBuilder MapMirrors(this IEndpointRouteBuilder routes, bool publicRead)
    {
        var readers = publicRead ? Readers | CallerKinds.Anyone : Readers;
        routes.MapGet("/stats/ledger/head", async (HttpContext http, MirrorReading reading) => TypedResults.Json(await reading.HeadAsync(http.RequestAborted), MirrorJson.Default.LedgerHead)).AllowCallers(readers);
        routes.MapGet("/stats/ledger/range", async (HttpContext http, MirrorReading reading) =>
        {
            var source = http.Request.Query["source"].ToString();
            if (!ClientId.IsValid(source))
            {
                throw Refusal.Invalid([new("source", "id of a coordinator")]);
            }

            return TypedResults.Json(
                await reading.RangeAsync(
                    source, Number(http, "sinceSequence", 0, long.MaxValue - MirrorReading.MostAsked, 0), (int)Number(http, "limit", 1, MirrorReading.MostAsked, MirrorReading.MostRecords), http.RequestAborted,
                    Number(http, "sinceIssuedAtMs", 0, long.MaxValue, 0)),
                MirrorJson.Default.RecordRange);
        }).AllowCallers(readers);
        routes.MapPost("/stats/ledger/ingest", async (HttpContext http, MirrorPull mirrors) => TypedResults.Json(
            await mirrors.IngestAsync(http.Caller().Name, JsonBody.Read(http, MirrorJson.Default.IngestRequest).Records, http.RequestAborted), MirrorJson.Default.IngestAnswer)).AllowCallers(CallerKinds.Peer);
        routes.MapGet("/ledger/equivocations", async (HttpContext http, LogEquivocations equivocations) => TypedResults.Json(
            await equivocations.ListAsync(http.RequestAborted), EquivocationJson.Default.EquivocationList)).AllowCallers(readers);
        return routes;
    }

    private static long Number(HttpContext http, string name, long least, long most, long standard) => http.Request.Query[name].ToString() switch
    {
        "" => standard,
        var text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most => number,
        _ => throw Refusal.Invalid([new(name, string.Create(CultureInfo.InvariantCulture, $"{least} to {most}"))]),
    };
}
