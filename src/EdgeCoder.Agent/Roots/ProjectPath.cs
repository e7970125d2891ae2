namespace EdgeCoder.Agent.Roots;

/// <summary>A path within a project: segments joined by <c>/</c>, relative to the root, none of them empty, <c>.</c> or <c>..</c>; the root itself is "".</summary>
/// <param name="Value">The path.</param>
internal readonly record struct ProjectPath(string Value)
{
    /// <summary>The root.</summary>
    public static ProjectPath Root { get; } = new("");

    /// <inheritdoc/>
    public override string ToString() => Value.Length == 0 ? "." : Value;
}
