namespace EdgeCoder.Ledger.Equivocations;

/// <summary>Why evidence proves nothing.</summary>
public enum EquivocationFault
{
    /// <summary>It is malformed.</summary>
    NotCanonical,

    /// <summary>The reader trusts no key of this log.</summary>
    UnknownKey,

    /// <summary>The changes of key that it brings along are no chain of this log.</summary>
    KeyChainBroken,

    /// <summary>A record is signed with a key of the log that did not count at its time.</summary>
    KeyOutOfTime,

    /// <summary>One of the two is not signed by the log.</summary>
    InvalidSignature,

    /// <summary>Both may be true: one history has room for both.</summary>
    NoContradiction,
}
