using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.TestCommands;

/// <summary>
/// What changed between two runs of a project's tests (agent-executor-models 2.8): pure. Cases are compared by name. A test that passed before and is not there any more
/// counts as a failure: deleting a test is no way to mend it.
/// </summary>
internal sealed record TestComparison
{
    /// <summary>Failed before and fail now.</summary>
    public required IReadOnlyList<string> OldFailures { get; init; }

    /// <summary>Fail now, and did not before or were not there.</summary>
    public required IReadOnlyList<string> NewFailures { get; init; }

    /// <summary>Failed, were skipped or were not there, and pass now.</summary>
    public required IReadOnlyList<string> NewlyPassing { get; init; }

    /// <summary>Passed before, and are skipped now or not there.</summary>
    public required IReadOnlyList<string> Disappeared { get; init; }

    /// <summary>Failed now and passed when they were run again, nothing changed between: reported, and in none of the lists of failures.</summary>
    public IReadOnlyList<string> Flaky { get; init; } = [];

    /// <summary>Whether nothing that passed before fails or is gone, at least one test passed, and the run came to its end.</summary>
    public required bool NothingBroken { get; init; }

    /// <summary>Compares.</summary>
    /// <param name="baseline">The run before the first change; null when there is none, and then every failure is new.</param>
    /// <param name="now">The run to judge.</param>
    /// <param name="again">A second run of the same state, of the whole or of what failed; null when there was none.</param>
    public static TestComparison Of(TestReport? baseline, TestReport now, TestReport? again = null)
    {
        var (before, after, second) = (ByName(baseline), ByName(now), ByName(again));
        var flaky = Names(after, name => IsBad(after[name]) && second.TryGetValue(name, out var status) && status == TestStatus.Passed);
        bool Fails(string name) => after.TryGetValue(name, out var status) && IsBad(status) && !flaky.Contains(name, StringComparer.Ordinal);
        bool FailedBefore(string name) => before.TryGetValue(name, out var status) && IsBad(status);
        var comparison = new TestComparison
        {
            Flaky = flaky,
            OldFailures = Names(after, name => Fails(name) && FailedBefore(name)),
            NewFailures = Names(after, name => Fails(name) && !FailedBefore(name)),
            NewlyPassing = Names(after, name => after[name] == TestStatus.Passed && (!before.TryGetValue(name, out var was) || was != TestStatus.Passed)),
            Disappeared = Names(before, name => before[name] == TestStatus.Passed && (!after.TryGetValue(name, out var status) || status == TestStatus.Skipped)),
            NothingBroken = false,
        };
        return comparison with { NothingBroken = now.Complete && now.Passed > 0 && comparison.NewFailures.Count == 0 && comparison.Disappeared.Count == 0 };
    }

    private static bool IsBad(TestStatus status) => status is TestStatus.Failed or TestStatus.Errored;

    private static Dictionary<string, TestStatus> ByName(TestReport? report)
    {
        var names = new Dictionary<string, TestStatus>(StringComparer.Ordinal);
        foreach (var one in report?.Cases ?? [])
        {
            if (!names.TryGetValue(one.Name, out var known) || Rank(one.Status) > Rank(known))
            {
                names[one.Name] = one.Status;
            }
        }

        return names;
    }

    private static int Rank(TestStatus status) => status switch { TestStatus.Skipped => 0, TestStatus.Passed => 1, TestStatus.Failed => 2, _ => 3 };

    private static List<string> Names(Dictionary<string, TestStatus> cases, Func<string, bool> wanted) => [.. cases.Keys.Where(wanted).Order(StringComparer.Ordinal)];
}
