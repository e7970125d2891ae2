namespace EdgeCoder.Ledger.Issuance;

/// <summary>The rules of issuance that a coordinator's operator sets (economy-and-ledger 8.1, 19). All members of a quorum have the same, or they do not agree.</summary>
/// <param name="Pool">How much a day issues.</param>
/// <param name="AlphaBps">Smoothing of the load, 100 to 10000 basis points.</param>
/// <param name="SlotMs"><c>ISSUANCE_RECALC_MS</c>.</param>
/// <param name="WindowMs"><c>ISSUANCE_WINDOW_MS</c>, no shorter than a slot.</param>
public sealed record IssuanceTerms(IssuancePool Pool, int AlphaBps, long SlotMs, long WindowMs)
{
    /// <summary>The end of the last slot that is over: slots are aligned multiples of their length.</summary>
    public long SlotEnd(long nowMs) => nowMs / SlotMs * SlotMs;

    /// <summary>Id of the epoch of a slot.</summary>
    public static string EpochId(long slotEndMs) => FormattableString.Invariant($"ep-{slotEndMs}");
}
