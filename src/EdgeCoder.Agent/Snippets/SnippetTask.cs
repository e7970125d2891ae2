using EdgeCoder.Executor;

namespace EdgeCoder.Agent.Snippets;

/// <summary>What a person asked for: a snippet, how it is judged, and what it may cost.</summary>
public sealed record SnippetTask
{
    /// <summary>Most bytes of a request, in UTF-8. What is longer fits no model and is refused before anything is loaded.</summary>
    public const int MaxRequestBytes = 256 * 1024;

    /// <summary>The request, in the person's words.</summary>
    public required string Request { get; init; }

    /// <summary>Language of the code.</summary>
    public required SnippetLanguage Language { get; init; }

    /// <summary>The person's own tests. They are never changed and nobody else's count beside them. Empty: the model writes tests first.</summary>
    public IReadOnlyList<SnippetFile> TestFiles { get; init; } = [];

    /// <summary>Most tries of code that are run. Default 3, 1 to 100.</summary>
    public int MaxIterations { get; init; } = 3;

    /// <summary>Most model calls. Default 20, 1 to 1,000.</summary>
    public int MaxSteps { get; init; } = 20;

    /// <summary>Most tokens, read and written together; absent: not limited.</summary>
    public long? MaxTokens { get; init; }

    /// <summary>Most wall time of the whole session; absent: not limited.</summary>
    public TimeSpan? MaxTime { get; init; }

    /// <summary>Limits of each run other than the executor's defaults.</summary>
    public RequestedLimits Limits { get; init; } = new();

    /// <summary><c>local</c> (default), <c>team</c> or <c>mesh</c>: where the work may run. It never widens.</summary>
    public string DataClass { get; init; } = "local";

    /// <summary>Seed from which the seeds of all calls are derived; absent: drawn at the start and kept in the journal.</summary>
    public long? Seed { get; init; }

    /// <summary>Everything that is wrong with the task, in words for a person; empty when it can be worked on.</summary>
    public IReadOnlyList<TaskProblem> Problems()
    {
        var problems = new List<TaskProblem>();
        if (string.IsNullOrWhiteSpace(Request))
        {
            problems.Add(new("empty_request", "The request is empty. Say what to write, for instance: edgecoder run \"write a function that merges two dictionaries\"."));
        }
        else if (System.Text.Encoding.UTF8.GetByteCount(Request) is var bytes && bytes > MaxRequestBytes)
        {
            problems.Add(new("request_too_large", $"The request has {bytes:N0} bytes; at most {MaxRequestBytes:N0} are taken."));
        }

        if (!Enum.IsDefined(Language))
        {
            problems.Add(new("unknown_language", "The language is not known. Known are python and javascript."));
        }

        if (MaxIterations is < 1 or > 100)
        {
            problems.Add(new("invalid_budget", "The number of iterations must be 1 to 100."));
        }

        if (MaxSteps is < 1 or > 1_000)
        {
            problems.Add(new("invalid_budget", "The number of steps must be 1 to 1,000."));
        }

        if (MaxTokens is <= 0 || MaxTime is { } time && time <= TimeSpan.Zero)
        {
            problems.Add(new("invalid_budget", "Limits of tokens and time must be larger than 0."));
        }

        if (DataClass is not ("local" or "team" or "mesh"))
        {
            problems.Add(new("unknown_data_class", $"The data class {DataClass} is not known. Known are local, team and mesh."));
        }

        if (TestFiles.Count > 0 && TestFiles.All(f => string.IsNullOrWhiteSpace(f.Text)))
        {
            problems.Add(new("empty_tests", "The tests file is empty, so nothing could prove the code."));
        }

        return problems;
    }
}

/// <summary>One thing that is wrong with a task.</summary>
/// <param name="Code">Stable code.</param>
/// <param name="Message">For a person.</param>
public sealed record TaskProblem(string Code, string Message);
