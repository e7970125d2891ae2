namespace EdgeCoder.Reviews;

/// <summary>What a person decided about a change.</summary>
internal enum ReviewEnd
{
    /// <summary>It is in the person's tree.</summary>
    Applied,

    /// <summary>It is taken back; undo brings it again.</summary>
    Rejected,

    /// <summary>It waits.</summary>
    Later,

    /// <summary>It could not be applied; nothing was written.</summary>
    Conflict,
}
