using EdgeCoder.Ledger.Anchors;

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>What a row becomes. Null members stay as they are where their text says so.</summary>
internal sealed record AnchorChange
{
    /// <summary>New state.</summary>
    public required AnchorStatus Status { get; init; }

    /// <summary>Transaction; null: unchanged.</summary>
    public string? TxRef { get; init; }

    /// <summary>Confirmations.</summary>
    public required long Confirmations { get; init; }

    /// <summary>Block; null: in none that is known.</summary>
    public string? BlockHash { get; init; }

    /// <summary>Fault; null: none.</summary>
    public string? Error { get; init; }

    /// <summary>When it was anchored; null: not.</summary>
    public long? AnchoredAtMs { get; init; }

    /// <summary>When it is worked on next; null: never.</summary>
    public long? NextAtMs { get; init; }
}

/// <summary>The states of an anchor (economy-and-ledger 13.3). Pure: a row, what was seen, now. An error is never taken for a reorganisation.</summary>
internal static class AnchorMachine
{
    // Deeper than this a block is looked at once a day.
    private const long DeepConfirmations = 100;
    private const long DayMs = 86_400_000;

    /// <summary>The node took its transaction.</summary>
    public static AnchorChange Sent(AnchorRecordRow row, string txid, long nowMs) => Same(row, nowMs) with { Status = AnchorStatus.Broadcast, TxRef = txid, Confirmations = 0, BlockHash = null, AnchoredAtMs = null };

    /// <summary>Something could not be done or found out: the state stays, but for bytes that can never be taken.</summary>
    public static AnchorChange Failed(AnchorRecordRow row, AnchorException fault, long nextAtMs) =>
        fault.IsPermanent && row.Status is (AnchorStatus.Pending or AnchorStatus.Broadcast) ? Closed(row, fault.Message) : Unknown(row, fault.Message, nextAtMs);

    /// <summary>An operator closes it, or its bytes are refused for good.</summary>
    public static AnchorChange Closed(AnchorRecordRow row, string reason) => Same(row, null) with { Status = AnchorStatus.Failed, Error = reason };

    /// <summary>Outcome unknown: nothing changes but the reason that is shown.</summary>
    public static AnchorChange Unknown(AnchorRecordRow row, string error, long nextAtMs) => Same(row, nextAtMs) with { Error = error };

    /// <summary>
    /// A look at the chain. 1. Its block is proven to have left: pending, and sent again. 2. It carries other bytes, or they were not shown: unknown. 3. Deep enough:
    /// anchored. 4. In a block, or in none and never seen in one: as it was, with what is known. 5. In none any more without proof: unknown.
    /// </summary>
    public static AnchorChange Seen(AnchorRecordRow row, ChainSighting seen, string payloadHex, int minConfirmations, long nowMs, TimeSpan poll)
    {
        var nextAtMs = nowMs + (long)poll.TotalMilliseconds;

        // 1.
        if (row.BlockHash is not null && seen.NamedBlockLeft == true)
        {
            return Same(row, nowMs) with { Status = AnchorStatus.Pending, Confirmations = 0, BlockHash = null, AnchoredAtMs = null };
        }

        if (seen.Confirmations > 0)
        {
            // 2.
            if (seen.DataHex != payloadHex)
            {
                return Unknown(row, seen.DataHex is null ? "payload_unseen: the data of the transaction was not shown." : "payload_mismatch: the transaction carries other data.", nextAtMs);
            }

            // A row that names another block is not moved to a new one before the old is proven to have left.
            if (row.BlockHash is not null && row.BlockHash != seen.BlockHash)
            {
                return Unknown(row, "block_differs: the transaction is shown in another block, and nothing proves that its own left the best chain.", nextAtMs);
            }

            // 3.
            var anchored = seen.Confirmations >= minConfirmations;
            var deepAtMs = seen.Confirmations > DeepConfirmations ? nowMs + DayMs : nextAtMs;
            var status = anchored || row.Status == AnchorStatus.Anchored ? AnchorStatus.Anchored : AnchorStatus.Broadcast;
            return Same(row, deepAtMs) with { Status = status, Confirmations = seen.Confirmations, BlockHash = seen.BlockHash, AnchoredAtMs = status == AnchorStatus.Anchored ? row.AnchoredAtMs ?? nowMs : null };
        }

        // 4. and 5.
        return row.BlockHash is null ? Same(row, nextAtMs) : Unknown(row, "unconfirmed_without_proof: the transaction is shown in no block, and nothing proves that its block left the best chain.", nextAtMs);
    }

    private static AnchorChange Same(AnchorRecordRow row, long? nextAtMs) => new() { Status = row.Status, Confirmations = row.Confirmations, BlockHash = row.BlockHash, AnchoredAtMs = row.AnchoredAtMs, NextAtMs = nextAtMs };
}
