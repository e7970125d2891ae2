using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Hosting.Signatures;

/// <summary>Nonces in the role's store: one for all silos, and kept across restarts.</summary>
internal sealed class StoreNonces(IStoreWriter writer) : INonces
{
    // Small enough that other writers do not wait for it.
    private const int PruneBatch = 10_000;

    public Task<bool> TryTakeAsync(byte[] digest, long createdMs, long expiresAtMs, CancellationToken cancellationToken) =>
        writer.WriteAsync(batch => batch.TryInsert(new NonceRow { Digest = digest, ExpiresAtMs = expiresAtMs }), cancellationToken);

    public async Task PruneAsync(long nowMs, CancellationToken cancellationToken)
    {
        while (await writer.WriteAsync(
            batch => batch.Execute("DELETE FROM nonces WHERE digest IN (SELECT digest FROM nonces WHERE expires_at_ms < $1 LIMIT $2)", nowMs, (long)PruneBatch),
            cancellationToken).ConfigureAwait(false) == PruneBatch)
        {
        }
    }
}
