namespace EdgeCoder.Agent.Roots;

/// <summary>A path within a project: segments joined by <c>/</c>, relative to the root, none of them empty, <c>.</c> or <c>..</c>; the root itself is "".</summary>
/// <param name="Value">The path.</param>
internal readonly record struct ProjectPath(string Value)
{
    /// <summary>The root.</summary>
    public static ProjectPath Root { get; } = new("");

    /// <summary>Whether it is the root itself.</summary>
    public bool IsRoot => Value.Length == 0;

    /// <summary>Its last segment; "" for the root.</summary>
    public string Name => Value[(Value.LastIndexOf('/') + 1)..];

    /// <summary>Where it lies; the root for the root.</summary>
    public ProjectPath Parent => new(Value.LastIndexOf('/') is var at and >= 0 ? Value[..at] : "");

    /// <summary>Its segments; none for the root.</summary>
    public string[] Segments => IsRoot ? [] : Value.Split('/');

    /// <summary>An entry of this directory.</summary>
    public ProjectPath Child(string name) => new(IsRoot ? name : Value + "/" + name);

    /// <inheritdoc/>
    public override string ToString() => IsRoot ? "." : Value;
}
