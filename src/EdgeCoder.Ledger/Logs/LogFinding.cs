using EdgeCoder.Ledger.Records;

namespace EdgeCoder.Ledger.Logs;

/// <summary>What is wrong with a log, and where.</summary>
/// <param name="Reason">What.</param>
/// <param name="Where">The file below the log's folder, or the part of the checkpoint.</param>
/// <param name="Sequence">The first record that is wrong; null where no single one is.</param>
public sealed record LogFinding(LedgerFault Reason, string Where, long? Sequence = null);
