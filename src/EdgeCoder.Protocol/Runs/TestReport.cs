using System.Text.Json.Serialization;

namespace EdgeCoder.Protocol.Runs;

/// <summary>How one test case ended.</summary>
[JsonConverter(typeof(SnakeCaseEnum<TestStatus>))]
public enum TestStatus
{
    /// <summary>It ran and every assertion held.</summary>
    Passed,

    /// <summary>An assertion did not hold.</summary>
    Failed,

    /// <summary>It was not run, on purpose.</summary>
    Skipped,

    /// <summary>It ended with an error that is not an assertion.</summary>
    Errored,
}

/// <summary>One test case of a <see cref="TestReport"/>.</summary>
public sealed record TestCase
{
    /// <summary>Name as the framework shows it.</summary>
    public required string Name { get; init; }

    /// <summary>How it ended.</summary>
    public required TestStatus Status { get; init; }

    /// <summary>Wall time, in milliseconds.</summary>
    public required double DurationMs { get; init; }

    /// <summary>The failure's message, capped.</summary>
    public string? Message { get; init; }

    /// <summary>What the failing assertion wanted, as the language prints it.</summary>
    public string? Expected { get; init; }

    /// <summary>What it got, as the language prints it.</summary>
    public string? Actual { get; init; }

    /// <summary>Output of the case, capped; absent when empty.</summary>
    public string? Stdout { get; init; }

    /// <summary>Error output of the case, capped; absent when empty.</summary>
    public string? Stderr { get; init; }
}

/// <summary>What the test runner inside the sandbox reported over its own channel.</summary>
public sealed record TestReport
{
    /// <summary><c>asserts</c>, <c>unittest</c>, <c>pytest</c>, <c>node:test</c> or <c>mixed</c>.</summary>
    public required string Framework { get; init; }

    /// <summary>Cases collected.</summary>
    public required int Total { get; init; }

    /// <summary>Cases passed.</summary>
    public required int Passed { get; init; }

    /// <summary>Cases failed.</summary>
    public required int Failed { get; init; }

    /// <summary>Cases skipped.</summary>
    public required int Skipped { get; init; }

    /// <summary>Cases that ended with an error.</summary>
    public required int Errored { get; init; }

    /// <summary>Wall time of all cases, in milliseconds.</summary>
    public required double DurationMs { get; init; }

    /// <summary>The cases, capped in count and size.</summary>
    public required IReadOnlyList<TestCase> Cases { get; init; }

    /// <summary>Whether the runner wrote its end record; a report without it is never a pass.</summary>
    public required bool Complete { get; init; }

    /// <summary>
    /// Whether this report is a pass: complete, at least one case passed, none failed, none errored, and as many cases reported as collected.
    /// All skipped is not a pass.
    /// </summary>
    [JsonIgnore]
    public bool IsPass => Complete && Passed > 0 && Failed == 0 && Errored == 0 && Passed + Skipped == Total;
}
