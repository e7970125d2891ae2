using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Receipts;

namespace EdgeCoder.Ledger.Logs;

/// <summary>What the verification of a whole log found.</summary>
/// <param name="Standing">How it stands.</param>
/// <param name="Finding">What is wrong first; null when nothing is.</param>
/// <param name="Checkpoint">The checkpoint; null where there is none that can be read.</param>
/// <param name="VerifiedTo">Records that were found right, from the first on.</param>
public sealed record LogVerdict(ReceiptStanding Standing, LogFinding? Finding, Checkpoint? Checkpoint, long VerifiedTo);
