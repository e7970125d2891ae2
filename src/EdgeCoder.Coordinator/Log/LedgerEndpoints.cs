using System.Globalization;
using System.Text;
using System.Threading.RateLimiting;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdgeCoder.Coordinator.Log;

/// <summary>Routes of the log (economy-and-ledger 9) and of receipts (11).</summary>
internal static class LedgerEndpoints
{
    private const CallerKinds Readers = CallerKinds.Operator | CallerKinds.Agent | CallerKinds.Peer | CallerKinds.MeshService | CallerKinds.PortalService;
    private const CallerKinds TaskReaders = CallerKinds.Submitter | CallerKinds.Agent | CallerKinds.MeshService | CallerKinds.PortalService | CallerKinds.Operator;
    private const string Forever = "public, max-age=31536000, immutable";

    /// <summary>Maps them. With <paramref name="publicRead"/> anybody reads the log.</summary>
    public static IEndpointRouteBuilder MapLedger(this IEndpointRouteBuilder routes, bool publicRead)
    {
        var readers = publicRead ? Readers | CallerKinds.Anyone : Readers;
        routes.MapGet("/ledger/checkpoint", async (HttpContext http, LogProofs proofs) => Note(http, http.Request.Query["final"].ToString() switch
        {
            "" => await proofs.CheckpointAsync(http.RequestAborted),
            "soft" => await proofs.SoftFinalAsync(http.RequestAborted),
            _ => throw Refusal.Invalid([new("final", "soft, or nothing")]),
        })).AllowCallers(readers);
        routes.MapGet("/ledger/tile/{**path}", async (string path, HttpContext http, LogProofs proofs) =>
        {
            var bytes = await proofs.TileAsync("tile/" + path, http.RequestAborted);
            http.Response.Headers.CacheControl = Forever;
            return TypedResults.Bytes(bytes, "application/octet-stream");
        }).AllowCallers(readers);
        routes.MapGet("/ledger/proof/inclusion", async (HttpContext http, LogProofs proofs) => TypedResults.Json(
            await proofs.InclusionAsync(Number(http, "sequence", long.MaxValue), Hash(http), Number(http, "size", long.MaxValue), http.RequestAborted), LedgerMessageJson.Default.InclusionAnswer)).AllowCallers(readers);
        routes.MapGet("/ledger/proof/consistency", async (HttpContext http, LogProofs proofs) => TypedResults.Json(
            await proofs.ConsistencyAsync(Required(http, "first"), Required(http, "second"), http.RequestAborted), LedgerMessageJson.Default.ConsistencyAnswer)).AllowCallers(readers);
        routes.MapGet("/ledger/snapshot", async (HttpContext http, LogProofs proofs) => TypedResults.Json(
            await proofs.SnapshotAsync(Number(http, "from", long.MaxValue) ?? 1, (int)(Number(http, "limit", LogProofs.MostRecords) ?? LogProofs.MostRecords), http.RequestAborted),
            LedgerMessageJson.Default.SnapshotAnswer)).AllowCallers(readers);
        routes.MapGet("/ledger/verify", async (HttpContext http, LogCheck check) => TypedResults.Json(
            await check.WholeAsync(http.RequestAborted), LedgerMessageJson.Default.LogVerification)).AllowCallers(readers);
        routes.MapPost("/ledger/verify", (HttpContext http, LogCheck check, VerifyLimit limit) =>
        {
            limit.Count(http);
            return TypedResults.Json(check.Brought(http.ReceivedBody().Span), LedgerMessageJson.Default.ReceiptVerification);
        }).AllowCallers(CallerKinds.Anyone);
        routes.MapPost("/ledger/witness/add-checkpoint", async (HttpContext http, WitnessDesk desk) =>
        {
            var answer = await desk.AddAsync(http.ReceivedBody(), http.RequestAborted);
            return TypedResults.Text(answer.Body, answer.MediaType, Encoding.UTF8, answer.Status);
        }).AllowCallers(CallerKinds.Peer);

        // Open: a log that was suspended for its second history must still be able to learn of the first. It is the log's own signature over a size and a root.
        routes.MapGet("/ledger/witness/{peerId}", async (string peerId, HttpContext http, WitnessDesk desk, VerifyLimit limit) =>
        {
            limit.Count(http);
            return Note(http, await desk.NewestAsync(peerId, http.RequestAborted) ?? throw new Refusal(404, "nothing_cosigned", "No checkpoint of this coordinator's log was cosigned here."));
        }).AllowCallers(CallerKinds.Anyone);
        routes.MapGet("/tasks/{id}/receipts", async (string id, HttpContext http, TaskViews views, LogProofs proofs) =>
        {
            await views.FindAsync(id, http.Caller(), http.RequestAborted);
            return TypedResults.Json(await proofs.ReceiptsAsync(id, http.RequestAborted), LedgerMessageJson.Default.TaskReceipts);
        }).AllowCallers(TaskReaders);
        return routes;
    }

    private static IResult Note(HttpContext http, string note)
    {
        http.Response.Headers.CacheControl = "no-cache";
        return TypedResults.Text(note, "text/plain", Encoding.UTF8);
    }

    private static long Required(HttpContext http, string name) => Number(http, name, long.MaxValue) ?? throw Refusal.Invalid([new(name, "a size from 1")]);

    private static long? Number(HttpContext http, string name, long most)
    {
        if (http.Request.Query[name] is not [{ Length: > 0 } text])
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most
            ? number
            : throw Refusal.Invalid([new(name, string.Create(CultureInfo.InvariantCulture, $"1 to {most}"))]);
    }

    private static string? Hash(HttpContext http)
    {
        if (http.Request.Query["hash"] is not [{ Length: > 0 } text])
        {
            return null;
        }

        return BlobStore.IsDigest(text) ? text : throw Refusal.Invalid([new("hash", "64 lower-case hex digits")]);
    }
}

/// <summary>How often one address may have something verified without a credential.</summary>
internal sealed class VerifyLimit : IDisposable
{
    private const int MostAMinute = 60;

    private readonly PartitionedRateLimiter<HttpContext> _limiter = PartitionedRateLimiter.Create<HttpContext, string>(http => RateLimitPartition.GetFixedWindowLimiter(
        ClientAddress.LimitKey(http), _ => new() { PermitLimit = MostAMinute, Window = TimeSpan.FromMinutes(1), QueueLimit = 0 }));

    /// <summary>Counts a request. Throws <see cref="Refusal"/> 429 <c>rate_limited</c>.</summary>
    public void Count(HttpContext http)
    {
        using var lease = _limiter.AttemptAcquire(http);
        if (!lease.IsAcquired)
        {
            throw new Refusal(429, "rate_limited", "Too many verifications from this address in a minute. Verify offline with edgecoder verify, which has no limit.") { RetryAfter = 60 };
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _limiter.Dispose();
}
