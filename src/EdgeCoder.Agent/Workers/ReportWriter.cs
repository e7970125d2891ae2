using System.Security.Cryptography;
using System.Text.Json;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Blobs;
using EdgeCoder.Protocol.Envelopes;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;

namespace EdgeCoder.Agent.Workers;

/// <summary>Makes the signed report of an attempt (coordinator-and-mesh 4.5, 6) and what goes with it.</summary>
internal static class ReportWriter
{
    private const int MostOutputBytes = 256 << 10;
    private const int MostErrorCharacters = 2_000;

    /// <summary>Keeps the blobs, signs the report, seals it for a sealed lease; the exact body is what is stored and posted.</summary>
    /// <param name="outbox">Keeps the blobs.</param>
    /// <param name="keys">Signs.</param>
    /// <param name="order">The attempt.</param>
    /// <param name="done">Its end.</param>
    /// <param name="durationMs">Wall time as measured here; decides nothing.</param>
    /// <param name="nowMs">Now.</param>
    public static StoredResult Write(ResultOutbox outbox, WorkerKeys keys, WorkOrder order, WorkOutcome.Done done, long durationMs, long nowMs)
    {
        var (output, ok, error) = Bounded(done);
        var logs = Keep(outbox, order, done.Logs);
        var patch = done.Patch is { } bytes ? Keep(outbox, order, bytes) : null;
        KeptBlob[] kept = patch is null ? [logs] : [logs, patch];
        var report = new ResultReport
        {
            LeaseId = order.Lease.LeaseId,
            SubtaskId = order.Subtask.Id,
            AgentId = keys.AgentId,
            TaskId = order.Subtask.TaskId,
            Ok = ok,
            Output = output,
            Error = error,
            DurationMs = durationMs,
            ReportNonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)),
            PatchDigest = patch?.Digest,
            TestReport = done.Tests,
            LogsDigest = logs.Digest,
            Model = done.Model,
            Sandbox = done.Sandbox,
            SnapshotDigest = order.Lease.SnapshotDigest,
            CheckDigest = order.Lease.CheckDigest,
            EscalationReason = done.EscalationReason,
            Blobs = order.ExporterSecret is null ? null : [.. kept.Select(blob => blob.Sealed).OfType<SealedBlob>()],
        };
        report = report with { ResultDigest = ResultDigest.Of(report) };
        report = report with { ReportSignature = ReportSignature.Sign(report, keys.Signing) };
        var posted = order.ExporterSecret is { } secret ? SealedReply.Seal(secret, order.EphemeralPublicKey!, report) : report;
        return new()
        {
            LeaseId = order.Lease.LeaseId,
            SubtaskId = order.Subtask.Id,
            HomePeerId = order.Coordinator.Who.PeerId,
            HomeUrl = order.Coordinator.Who.Url,
            HomeKeyPem = order.Coordinator.Who.Key.Pem,
            Report = JsonSerializer.SerializeToUtf8Bytes(posted, MeshJson.Default.ResultReport),
            Blobs = [.. kept.Select(blob => blob.Stored)],
            SignedAtMs = nowMs,
        };
    }

    // What goes with sealed work is sealed before it touches the disk; its key is in the sealed report alone.
    private static KeptBlob Keep(ResultOutbox outbox, WorkOrder order, byte[] content)
    {
        if (order.ExporterSecret is null)
        {
            var plain = outbox.Put(content);
            return new(plain, plain, null);
        }

        var (blob, bytes) = BlobSealer.Seal(content);
        return new(blob.Digest, outbox.Put(bytes), blob);
    }

    // What is larger than the limit is said to be so and never cut.
    private static (string? Output, bool Ok, string? Error) Bounded(WorkOutcome.Done done)
    {
        var error = done.Error is { Length: > MostErrorCharacters } text ? text[..MostErrorCharacters] : done.Error;
        return done.Output is { } output && System.Text.Encoding.UTF8.GetByteCount(output) > MostOutputBytes
            ? (null, false, $"The output is larger than {MostOutputBytes >> 10} KiB.")
            : (done.Output, done.Ok, error);
    }

    /// <summary>A blob of a report.</summary>
    /// <param name="Digest">Of what it is.</param>
    /// <param name="Stored">Of what is sent.</param>
    /// <param name="Sealed">How it was sealed; null when it was not.</param>
    private sealed record KeptBlob(string Digest, string Stored, SealedBlob? Sealed);
}
