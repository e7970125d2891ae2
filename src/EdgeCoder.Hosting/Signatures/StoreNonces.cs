using System.Buffers.Binary;
using System.Collections.Concurrent;
using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Hosting.Signatures;

/// <summary>
/// Nonces in the role's store: one for all silos, and kept across restarts. Of an embedded store this process also remembers what it took since it began, so
/// that a request which comes again is refused before it is looked at any further.
/// </summary>
/// <param name="writer">Writes.</param>
/// <param name="settings">Which store; null: one that others write too.</param>
/// <param name="time">Clock.</param>
internal sealed class StoreNonces(IStoreWriter writer, StoreSettings? settings = null, TimeProvider? time = null) : INonces
{
    // Small enough that other writers do not wait for it.
    private const int PruneBatch = 10_000;

    private readonly ConcurrentDictionary<UInt128, long> _taken = new();
    private readonly bool _embedded = settings?.Kind is StoreKind.Sqlite && time is not null;
    private readonly long _beganMs = time?.GetUtcNow().ToUnixTimeMilliseconds() ?? 0;

    public async Task<bool> TryTakeAsync(byte[] digest, long createdMs, long expiresAtMs, CancellationToken cancellationToken)
    {
        if (!Remember(digest, expiresAtMs))
        {
            return false;
        }

        try
        {
            return await writer.WriteAsync(batch => batch.TryInsert(new NonceRow { Digest = digest, ExpiresAtMs = expiresAtMs }), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // The store did not take it, so nothing was done with it.
            _taken.TryRemove(Key(digest), out _);
            throw;
        }
    }

    public OperationCondition? TryClaim(byte[] digest, long createdMs, long expiresAtMs)
    {
        // What was made before this process began may have been taken by the one before: the store says so, and that is waited for.
        if (!_embedded || createdMs < _beganMs || !Remember(digest, expiresAtMs))
        {
            return null;
        }

        return new(writer, batch => batch.TryInsert(new NonceRow { Digest = digest, ExpiresAtMs = expiresAtMs }), SignatureRefusals.NonceReplayed);
    }

    public async Task PruneAsync(long nowMs, CancellationToken cancellationToken)
    {
        foreach (var entry in _taken)
        {
            if (entry.Value < nowMs)
            {
                _taken.TryRemove(entry);
            }
        }

        while (await writer.WriteAsync(
            batch => batch.Execute("DELETE FROM nonces WHERE digest IN (SELECT digest FROM nonces WHERE expires_at_ms < $1 LIMIT $2)", nowMs, (long)PruneBatch),
            cancellationToken).ConfigureAwait(false) == PruneBatch)
        {
        }
    }

    private static UInt128 Key(byte[] digest) => BinaryPrimitives.ReadUInt128BigEndian(digest);

    private bool Remember(byte[] digest, long expiresAtMs) => !_embedded || _taken.TryAdd(Key(digest), expiresAtMs);
}
