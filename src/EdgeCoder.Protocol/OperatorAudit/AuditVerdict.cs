namespace EdgeCoder.Protocol.OperatorAudit;

/// <summary>What is wrong with a dump of the audit log.</summary>
public enum AuditFault
{
    /// <summary>The first line is not that of a dump.</summary>
    HeaderInvalid,

    /// <summary>A line is no row, or not in the form that is hashed.</summary>
    NotCanonical,

    /// <summary>A row is not what its hash was made of.</summary>
    HashMismatch,

    /// <summary>A row is not at its place.</summary>
    SequenceBreak,

    /// <summary>A row does not follow the one before it.</summary>
    HashChainBreak,

    /// <summary>Rows are missing at the end.</summary>
    RowsMissing,

    /// <summary>The first line names another last row.</summary>
    HeadMismatch,
}

/// <summary>The first fault.</summary>
/// <param name="Fault">What.</param>
/// <param name="Line">Line of the dump, from 1.</param>
/// <param name="Row">Row that should be there; null for the first line.</param>
public sealed record AuditFinding(AuditFault Fault, long Line, long? Row);

/// <summary>What a check of a dump found.</summary>
/// <param name="Rows">Right rows before the first fault, or all.</param>
/// <param name="Head">Hash of the last right row.</param>
/// <param name="Finding">The first fault; null when there is none.</param>
public sealed record AuditVerdict(long Rows, string Head, AuditFinding? Finding);
