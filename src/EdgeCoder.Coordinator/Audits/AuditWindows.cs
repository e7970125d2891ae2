using System.Collections.Concurrent;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Audits;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Audits;

/// <summary>
/// The windows of this process (coordinator-and-mesh 5.3). A window's seed is committed to the log before any lease can name it; a restart begins a new
/// one, and so does each silo. Old ones are revealed by <see cref="AuditReveals"/>.
/// </summary>
internal sealed class AuditWindows(IStoreWriter writer, IDbContextFactory<CoordinatorContext> contexts, TimeProvider time)
{
    /// <summary>A window lives this long.</summary>
    public const long LengthMs = 3_600_000;

    /// <summary>A window serves so many leases.</summary>
    public const int MostLeases = 10_000;

    /// <summary>Between the last moment a window is given out and the last moment a lease with it is stored.</summary>
    public const long GraceMs = 600_000;

    private readonly ConcurrentDictionary<string, byte[]> seeds = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim opening = new(1, 1);
    private Window? current;

    /// <summary>The window that a lease granted now names. Its commitment is durable when this returns. Called once for each lease.</summary>
    public ValueTask<string> CurrentIdAsync(CancellationToken cancellationToken) =>
        Volatile.Read(ref current) is { } window && window.TryUse(NowMs()) ? ValueTask.FromResult(window.Id) : new(OpenAsync(cancellationToken));

    /// <summary>Whether the draw chooses a result for an audit.</summary>
    /// <param name="windowId">As the lease has it.</param>
    /// <param name="leaseId">The lease.</param>
    /// <param name="resultDigest">What the agent signed, recomputed.</param>
    /// <param name="cv">As the lease has it.</param>
    /// <exception cref="InvalidOperationException">There is no such window: the lease is not one of this coordinator.</exception>
    public bool Drawn(string windowId, string leaseId, string resultDigest, int cv) => AuditDraw.IsDrawn(SeedOf(windowId), leaseId, resultDigest, cv);

    /// <summary>Whether the draw chooses a result, and which auditor for it: one of n eligible agents by id is at <see cref="AuditDraw.AuditorOf"/>.</summary>
    public AuditDrawing Draw(string windowId, string leaseId, string resultDigest, int cv)
    {
        var seed = SeedOf(windowId);
        return new(AuditDraw.IsDrawn(seed, leaseId, resultDigest, cv), AuditDraw.AuditorNumber(seed, leaseId, resultDigest));
    }

    /// <summary>Position of the auditor among eligible agents by id.</summary>
    public int Auditor(string windowId, string leaseId, string resultDigest, int eligible) => AuditDraw.Auditor(SeedOf(windowId), leaseId, resultDigest, eligible);

    private byte[] SeedOf(string windowId) => seeds.GetOrAdd(windowId, id =>
    {
        // Of another silo, or from before a restart.
        using var context = contexts.CreateDbContext();
        return context.Set<AuditWindowRow>().Where(w => w.WindowId == id).Select(w => w.Seed).FirstOrDefault() ?? throw new InvalidOperationException($"There is no audit window {id}.");
    });

    private async Task<string> OpenAsync(CancellationToken cancellationToken)
    {
        await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var nowMs = NowMs();
            if (current is { } other && other.TryUse(nowMs))
            {
                return other.Id;
            }

            var seed = AuditDraw.NewSeed();
            var row = new AuditWindowRow
            {
                WindowId = Guid.NewGuid().ToString("D"),
                Seed = seed,
                SeedHash = AuditDraw.SeedHash(seed),
                OpenedAtMs = nowMs,
                EndsAtMs = nowMs + LengthMs,
            };
            await writer.WriteAsync(
                batch =>
                {
                    batch.Insert(row);
                    LogOutbox.Append(batch, RecordTypes.AuditSeed, "audit", row.WindowId, LogOutbox.Self, $$"""{"seedHash":"{{row.SeedHash}}"}""", nowMs);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
            seeds[row.WindowId] = seed;
            var window = new Window(row.WindowId, row.EndsAtMs);
            window.TryUse(nowMs);
            Volatile.Write(ref current, window);
            return row.WindowId;
        }
        finally
        {
            opening.Release();
        }
    }

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed class Window(string id, long endsAtMs)
    {
        private int used;

        public string Id => id;

        public bool TryUse(long nowMs) => nowMs < endsAtMs && Interlocked.Increment(ref used) <= MostLeases;
    }
}
