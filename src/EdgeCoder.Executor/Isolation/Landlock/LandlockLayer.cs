namespace EdgeCoder.Executor.Isolation.Landlock;

/// <summary>One ruleset (<c>struct landlock_ruleset_attr</c>) and its rules: whatever is handled and not allowed by a rule is refused.</summary>
internal sealed record LandlockLayer
{
    /// <summary>Accesses to files that are handled.</summary>
    public required LandlockAccess Files { get; init; }

    /// <summary>LANDLOCK_ACCESS_NET_*: bind and connect TCP; since ABI 4. No rule allows any.</summary>
    public required ulong Network { get; init; }

    /// <summary>LANDLOCK_SCOPE_*: abstract Unix sockets and signals end at the sandbox; since ABI 6.</summary>
    public required ulong Scopes { get; init; }

    /// <summary>What is allowed at a path and below it.</summary>
    public required IReadOnlyList<LandlockRule> Rules { get; init; }
}

/// <summary>An exception from what a ruleset handles.</summary>
/// <param name="Path">File or directory, and all below it.</param>
/// <param name="Access">What is allowed there.</param>
internal sealed record LandlockRule(string Path, LandlockAccess Access);
