namespace EdgeCoder.Agent.RepositoryMaps;

/// <summary>What a map is asked for.</summary>
internal sealed record MapRequest
{
    /// <summary>The task in the person's words.</summary>
    public required string Task { get; init; }

    /// <summary>The model's proven window; the map takes the smaller of 2,048 tokens and 15 % of it (agent-executor-models 2.7).</summary>
    public required int Window { get; init; }

    /// <summary>Counts with the model's own tokenizer.</summary>
    public required Func<string, CancellationToken, ValueTask<int>> CountTokens { get; init; }

    /// <summary>Another budget in tokens than the usual one; 0: no map.</summary>
    public int? Budget { get; init; }

    /// <summary>Files that were touched lately, relative to the root.</summary>
    public IReadOnlyCollection<string> Touched { get; init; } = [];

    /// <summary>The budget in force.</summary>
    public int Tokens => Budget ?? Math.Min(2_048, Window * 15 / 100);
}

/// <summary>Definitions of a project by relevance to a task, within a budget.</summary>
/// <param name="Text">For the prompt: files with their definitions and lines; empty when there are none.</param>
/// <param name="Tokens">Tokens of it.</param>
/// <param name="Symbols">Definitions in it.</param>
/// <param name="Files">Source files that are known.</param>
/// <param name="Complete">Whether it was made of the whole tree as it is; false: of what was known so far.</param>
/// <param name="Paths">Files named in it.</param>
internal sealed record RepositoryMap(string Text, int Tokens, int Symbols, int Files, bool Complete, IReadOnlyList<string> Paths);
