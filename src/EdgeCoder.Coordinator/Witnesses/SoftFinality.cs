namespace EdgeCoder.Coordinator.Witnesses;

/// <summary>When a checkpoint is soft-final (economy-and-ledger 9.6), and how many witnesses must answer at a start. Pure.</summary>
internal static class SoftFinality
{
    /// <summary>Signatures that make it so, the own one included: a majority of a quorum set of that size.</summary>
    public static int Threshold(int members) => (members / 2) + 1;

    /// <summary>
    /// Witnesses of so many that must have answered before a log that was just opened goes on: every soft-final checkpoint has been cosigned by at least one of them. With one
    /// coordinator and w witnesses it needs Threshold(w + 1) − 1 cosignatures, so w − (Threshold(w + 1) − 1) witnesses may know nothing of it; one more is enough.
    /// </summary>
    public static int Answers(int witnesses) => witnesses == 0 ? 0 : witnesses - Threshold(witnesses + 1) + 2;
}
