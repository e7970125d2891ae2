using System.Text.Json.Serialization;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Evaluation;

/// <summary>How one problem went.</summary>
internal sealed record ProblemResult
{
    /// <summary>The problem.</summary>
    public required string TaskId { get; init; }

    /// <summary>Whether its tests passed.</summary>
    public required bool Passed { get; init; }

    /// <summary>How the session ended.</summary>
    public required SessionOutcome Outcome { get; init; }

    /// <summary>Why it did not pass, for a person.</summary>
    public string? Reason { get; init; }

    /// <summary>Tries of code that were run.</summary>
    public required int Attempts { get; init; }

    /// <summary>Wall time, in milliseconds.</summary>
    public required long WallMs { get; init; }

    /// <summary>Tokens read and written.</summary>
    public required long Tokens { get; init; }
}

/// <summary>One evaluation: what was asked of which model, and what came of it.</summary>
internal sealed record EvaluationReport
{
    /// <summary><c>humaneval</c>.</summary>
    public required string Set { get; init; }

    /// <summary>Language.</summary>
    public required string Language { get; init; }

    /// <summary>The model.</summary>
    public required ModelIdentity Model { get; init; }

    /// <summary>Most tries of code for each problem. 1 makes <see cref="PassRate"/> the usual pass@1.</summary>
    public required int AttemptsAllowed { get; init; }

    /// <summary>Problems tried.</summary>
    public required int Total { get; init; }

    /// <summary>Problems whose tests passed.</summary>
    public required int Passed { get; init; }

    /// <summary>Passed ÷ total, one sample each (Chen et al. 2021, "Evaluating Large Language Models Trained on Code", section 2.1, with n = k = 1).</summary>
    [JsonPropertyName("pass@1")]
    public required double PassRate { get; init; }

    /// <summary>Median wall time of a problem, in milliseconds.</summary>
    public required long MedianMs { get; init; }

    /// <summary>95th percentile of the wall time of a problem (nearest rank), in milliseconds.</summary>
    public required long P95Ms { get; init; }

    /// <summary>When it began, epoch milliseconds.</summary>
    public required long StartedAtMs { get; init; }

    /// <summary>Each problem.</summary>
    public required IReadOnlyList<ProblemResult> Problems { get; init; }

    /// <summary>Sums up. Pure: the order of the problems is kept.</summary>
    public static EvaluationReport Of(string language, ModelIdentity model, int attempts, long startedAtMs, IReadOnlyList<ProblemResult> problems)
    {
        var times = problems.Select(problem => problem.WallMs).Order().ToArray();
        var passed = problems.Count(problem => problem.Passed);
        return new()
        {
            Set = "humaneval",
            Language = language,
            Model = model,
            AttemptsAllowed = attempts,
            Total = problems.Count,
            Passed = passed,
            PassRate = problems.Count == 0 ? 0 : (double)passed / problems.Count,
            MedianMs = Rank(times, 50),
            P95Ms = Rank(times, 95),
            StartedAtMs = startedAtMs,
            Problems = problems,
        };
    }

    // Nearest rank: the smallest value that at least p percent of the values do not exceed.
    private static long Rank(long[] sorted, int percent) => sorted.Length == 0 ? 0 : sorted[Math.Max(0, ((percent * sorted.Length) + 99) / 100 - 1)];
}
