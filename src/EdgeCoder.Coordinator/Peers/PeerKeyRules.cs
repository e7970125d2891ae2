using EdgeCoder.Protocol.Rotations;

namespace EdgeCoder.Coordinator.Peers;

/// <summary>
/// What a chain of statements changes about the keys of a peer (economy-and-ledger 16.2, F27). Pure. The chain counts only where the key that is pinned last is one of it. Later keys take over with their
/// statement; earlier ones are taken for what they signed in their time, because the pinned key has signed the statement that names them.
/// </summary>
internal static class PeerKeyRules
{
    /// <summary>The keys as they are then, oldest first; or why nothing changes.</summary>
    /// <param name="known">The keys that are known, oldest first; the last one is pinned.</param>
    /// <param name="pinnedAtMs">When the pinned key was the peer's for certain: at its approval, or from its own statement on.</param>
    /// <param name="chain">What the peer says.</param>
    /// <param name="nowMs">Now.</param>
    /// <param name="skewMs">Allowance for clocks.</param>
    public static (IReadOnlyList<PeerKeyRow>? Keys, KeyFault? Fault) Follow(IReadOnlyList<PeerKey> known, long pinnedAtMs, KeyChain chain, long nowMs, long skewMs)
    {
        var pinned = known[^1].Key;
        if (chain.Of(pinned) is null)
        {
            return (null, KeyFault.NotNext);
        }

        var at = chain.Periods.Select(period => period.Key).ToList().IndexOf(pinned);
        var later = chain.Statements.Skip(at + 1).Select(one => one.Statement).ToList();
        if (later.Any(one => one.ActivatesAtMs > nowMs + skewMs))
        {
            return (null, KeyFault.NotYet);
        }

        // Who had the pinned key at a moment did not change it before.
        if (later is [var first, ..] && first.ActivatesAtMs < pinnedAtMs - skewMs)
        {
            return (null, KeyFault.TimesInvalid);
        }

        return ([.. chain.Statements.Zip(chain.Periods, (one, period) => new PeerKeyRow
        {
            PeerId = chain.CoordinatorId, KeyId = period.Key.KeyId, PublicKeyPem = period.Key.Pem, FromMs = period.FromMs, UntilMs = period.UntilMs, Statement = one.Bytes,
        })], null);
    }
}
