namespace EdgeCoder.Agent.Snapshots;

/// <summary>Why a patch is not applied.</summary>
public enum PatchFaultKind
{
    /// <summary>Not a git diff, or it asks for what a patch may not do: links, submodules, odd modes, copies.</summary>
    Malformed,

    /// <summary>A path is absolute, has <c>..</c>, means git's directory or a person's policy, leads through a link, or collides with another by case.</summary>
    PathEscape,

    /// <summary>It is not about this tree: a line, a name, a mode or a position differs.</summary>
    DoesNotApply,
}

/// <summary>A patch that is refused; the tree is as it was.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Detail">In words.</param>
public sealed record PatchFault(PatchFaultKind Kind, string Detail);

/// <summary>What came of a patch.</summary>
/// <param name="Fault">Why it was refused; null when it was applied.</param>
/// <param name="Touched">Every path that it names, old and new, in order; also when it was refused after it was read.</param>
public sealed record PatchOutcome(PatchFault? Fault, IReadOnlyList<string> Touched);

/// <summary>Inside the applier; its edge turns it into a <see cref="PatchOutcome"/>.</summary>
internal sealed class PatchFaultException(PatchFaultKind kind, string detail) : Exception(detail)
{
    public PatchFaultKind Kind { get; } = kind;
}
