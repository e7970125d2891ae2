using System.Globalization;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace EdgeCoder.Coordinator.Blobs;

/// <summary>PUT, GET and HEAD of <c>/blobs/{sha256}</c> (coordinator-and-mesh 4.7). What may not be read is not found: a digest betrays nothing.</summary>
internal static class BlobEndpoints
{
    /// <summary>Maps the routes.</summary>
    public static IEndpointRouteBuilder MapBlobs(this IEndpointRouteBuilder routes)
    {
        const CallerKinds callers = CallerKinds.Agent | CallerKinds.Submitter | CallerKinds.PortalService | CallerKinds.MeshService | CallerKinds.Operator;
        routes.MapPut("/blobs/{sha256}", PutAsync).AllowCallers(callers).WithMetadata(new StreamedBody(), new RequestSizeLimitAttribute(BlobStore.MostBytes));
        routes.MapMethods("/blobs/{sha256}", ["GET", "HEAD"], GetAsync).AllowCallers(callers);
        return routes;
    }

    private static async Task<IResult> PutAsync(string sha256, HttpContext context, BlobStore blobs, BlobReaders readers, IStoreWriter writer, BlobOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        if (!BlobStore.IsDigest(sha256))
        {
            throw Refusal.Invalid([new("sha256", "64 lower-case hex digits")]);
        }

        if (!await readers.MayWriteAsync(caller, cancellationToken))
        {
            throw new Refusal(403, "lease_required", "An agent stores blobs for work that it holds. Lease a subtask first.");
        }

        if (caller is { Kind: CallerKinds.PortalService, Accounts.Count: 0 })
        {
            throw new Refusal(401, "account_required", "Name the account that keeps the blob.");
        }

        // Checks of credentials that had to see the body have it; else it streams.
        var received = context.Features.Get<ReceivedBody>();
        await using var content = received is null ? context.Request.Body : new MemoryStream(received.Bytes.ToArray(), writable: false);
        var length = await blobs.PutAsync(content, sha256, BlobStore.MostBytes, cancellationToken);

        IReadOnlyList<string> holders = caller.Kind == CallerKinds.Agent ? [BlobRecords.Agent(caller.Name)] : [.. caller.Accounts.Select(BlobRecords.Account)];
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var fits = await writer.WriteAsync(
            batch =>
            {
                if (holders.Any(holder => BlobRecords.HeldBeside(batch, sha256, holder) > options.QuotaBytes - length))
                {
                    return false;
                }

                foreach (var holder in holders)
                {
                    BlobRecords.Hold(batch, sha256, length, holder, now);
                }

                return true;
            },
            cancellationToken);
        if (!fits)
        {
            // The bytes are nobody's: they go with the next sweep that finds them old.
            throw new Refusal(413, "blob_quota_exceeded", $"At most {options.QuotaBytes:N0} bytes of blobs are kept for one account or agent. What no task needs goes 30 days after it was stored or named last; wait for that, or ask the operator.");
        }

        return TypedResults.NoContent();
    }

    private static async Task<IResult> GetAsync(string sha256, HttpContext context, BlobStore blobs, BlobReaders readers, SealedBlobs copies, CancellationToken cancellationToken)
    {
        if (!BlobStore.IsDigest(sha256) || await readers.FindAsync(context.Caller(), sha256, cancellationToken) is not { } found || await OpenAsync(found, blobs, copies, cancellationToken) is not { } content)
        {
            throw new Refusal(404, "blob_not_found", "There is no blob of this digest that you may read. An agent reads what a live lease names; others read what they stored and what the results of their tasks name.");
        }

        context.Response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{sha256}\"");
        context.Response.Headers.CacheControl = "private, immutable, max-age=31536000";

        // What others stored is data, never a page of this origin.
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Stream(content, "application/octet-stream");
    }

    private static async Task<Stream?> OpenAsync(ReadableBlob found, BlobStore blobs, SealedBlobs copies, CancellationToken cancellationToken) =>
        found.SealedFor is not { } leaseId ? blobs.Open(found.Digest)
        : await copies.SealAsync(leaseId, found.Digest, cancellationToken) is { } copy ? new MemoryStream(copy.Bytes, writable: false) : null;
}
