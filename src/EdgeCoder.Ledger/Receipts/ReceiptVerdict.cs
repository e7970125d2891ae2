using EdgeCoder.Ledger.Records;

namespace EdgeCoder.Ledger.Receipts;

/// <summary>How a receipt stands.</summary>
public enum ReceiptStanding
{
    /// <summary>Every check passed against keys that the reader trusts.</summary>
    Proven,

    /// <summary>A check failed.</summary>
    Invalid,

    /// <summary>It fits itself, with the keys that it names; the reader trusts none of them yet.</summary>
    Consistent,
}

/// <summary>What the verification of a receipt found.</summary>
/// <param name="Standing">How it stands.</param>
/// <param name="Reason">What failed; null when nothing did.</param>
/// <param name="Checks">The checks that passed, in their order; the one after the last failed.</param>
/// <param name="Record">What the receipt says, as far as it could be read.</param>
public sealed record ReceiptVerdict(ReceiptStanding Standing, LedgerFault? Reason, IReadOnlyList<string> Checks, OrderingRecord? Record);
