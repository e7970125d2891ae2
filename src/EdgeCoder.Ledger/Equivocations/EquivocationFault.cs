namespace EdgeCoder.Ledger.Equivocations;

/// <summary>Why evidence proves nothing.</summary>
public enum EquivocationFault
{
    /// <summary>It is malformed.</summary>
    NotCanonical,

    /// <summary>The reader trusts no key of this log.</summary>
    UnknownKey,

    /// <summary>One of the two is not signed by the log.</summary>
    InvalidSignature,

    /// <summary>Both may be true: one history has room for both.</summary>
    NoContradiction,
}
