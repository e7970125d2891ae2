namespace EdgeCoder.Agent.Replies;

/// <summary>A fenced block of a reply.</summary>
internal sealed record FencedBlock
{
    /// <summary>First word of the info text, lower case, without braces and dots; empty when there is none.</summary>
    public required string Tag { get; init; }

    /// <summary>File name on the fence line, on the line above or in a first-line comment; absent when there is none.</summary>
    public string? File { get; init; }

    /// <summary>The text, line ends as <c>\n</c>, the fence's own indent removed.</summary>
    public required string Text { get; init; }

    /// <summary>Whether the closing fence was there.</summary>
    public required bool Closed { get; init; }
}
