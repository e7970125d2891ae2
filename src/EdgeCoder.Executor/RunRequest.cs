using System.Text.Json.Serialization;
using EdgeCoder.Executor.Running;
using EdgeCoder.Protocol;

namespace EdgeCoder.Executor;

/// <summary>Language of a snippet.</summary>
[JsonConverter(typeof(SnakeCaseEnum<SnippetLanguage>))]
public enum SnippetLanguage
{
    /// <summary>CPython of the machine.</summary>
    Python,

    /// <summary>JavaScript of the machine's node.</summary>
    [JsonStringEnumMemberName("javascript")]
    JavaScript,
}

/// <summary>A file of a snippet: a plain relative name and its text.</summary>
public sealed record SnippetFile(string Name, string Text);

/// <summary>Limits that a caller sets; what is absent takes the executor's default.</summary>
public sealed record RequestedLimits
{
    /// <summary>Wall and CPU time of the program. Default 4 s, at most 10 min.</summary>
    public TimeSpan? Time { get; init; }

    /// <summary>Memory, in bytes. Default 256 MiB.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Bytes kept of each output stream. Default 64 KiB.</summary>
    public long? OutputBytes { get; init; }

    /// <summary>What is wrong with them; null when the executor takes them.</summary>
    public string? Fault(SnippetLanguage language) => LimitPlan.Read(language, this).Fault;
}

/// <summary>One run of a snippet.</summary>
public sealed record RunRequest
{
    /// <summary>Language of <see cref="Files"/> and <see cref="Tests"/>.</summary>
    public required SnippetLanguage Language { get; init; }

    /// <summary>The program. The first file is the one that runs, or that the tests import: <c>solution.py</c>, <c>solution.js</c> by convention.</summary>
    public required IReadOnlyList<SnippetFile> Files { get; init; }

    /// <summary>
    /// Test files; with none, the program itself runs. Tests see the public names of the first file of <see cref="Files"/> without importing it,
    /// and may import it by name.
    /// </summary>
    public IReadOnlyList<SnippetFile> Tests { get; init; } = [];

    /// <summary>What the program may read from standard input; closed when absent.</summary>
    public string? Stdin { get; init; }

    /// <summary>Limits other than the defaults.</summary>
    public RequestedLimits Limits { get; init; } = new();
}
