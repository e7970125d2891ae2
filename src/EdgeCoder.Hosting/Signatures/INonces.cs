using EdgeCoder.Hosting.Storage;

namespace EdgeCoder.Hosting.Signatures;

/// <summary>Nonces in use. Two kinds: of a role with a store, and of one without.</summary>
internal interface INonces
{
    /// <summary>Takes a nonce, atomically; false when it was taken before, or when that cannot be known.</summary>
    /// <param name="digest">16 bytes that stand for key id and nonce.</param>
    /// <param name="createdMs">When the request was made.</param>
    /// <param name="expiresAtMs">Until when the nonce is kept.</param>
    /// <param name="cancellationToken">Gives up waiting; the nonce may stay taken.</param>
    Task<bool> TryTakeAsync(byte[] digest, long createdMs, long expiresAtMs, CancellationToken cancellationToken);

    /// <summary>
    /// Hands a nonce in without waiting; the changes of its request wait for it. Null when it cannot be told apart that way, or is known as taken: then
    /// <see cref="TryTakeAsync"/> says.
    /// </summary>
    OperationCondition? TryClaim(byte[] digest, long createdMs, long expiresAtMs) => null;

    /// <summary>Forgets nonces whose time is over.</summary>
    Task PruneAsync(long nowMs, CancellationToken cancellationToken);
}
