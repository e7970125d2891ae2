namespace EdgeCoder.Benchmarks.Ledger;

/// <summary>The log: how fast receipts become durable and provable, and how fast somebody else checks them.</summary>
internal static class LedgerSuite
{
    /// <summary>The measurements. <paramref name="leaves"/> is the size of the log that is verified.</summary>
    public static IReadOnlyList<Measurement> Measurements(int leaves) =>
    [
        new("receipts_per_second", "1/s", Goal.AtLeast, 2_000, AppendMeasurements.ThroughputAsync),
        new("receipt_until_proof", "s", Goal.AtMost, 1, AppendMeasurements.ProofDelayAsync),
        new("receipt_verify", "ms", Goal.AtMost, 5, VerifyMeasurements.ReceiptAsync),
        new("log_verify", "s", Goal.AtMost, 60, () => VerifyMeasurements.LogAsync(leaves)),
    ];
}
