using System.Globalization;
using System.Text;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.Repositories;

/// <summary>
/// What a test run says about a change, against the run before the first change (agent-executor-models 1.3, 2.8). Pure.
/// </summary>
internal sealed record TestVerdict
{
    private const int MostNames = 8;

    /// <summary>Whether the change counts as tested and good.</summary>
    public required bool Success { get; init; }

    /// <summary>Whether the model can do better: something fails that it broke or was asked to mend.</summary>
    public required bool Retry { get; init; }

    /// <summary>Whether nothing is wrong that was not wrong before, but no test proves the change either: the model is asked once whether it can do better.</summary>
    public bool Unproven { get; init; }

    /// <summary>Why, for the person and the model.</summary>
    public required string Reason { get; init; }

    /// <summary>Tests that failed before and still fail; named even with a success.</summary>
    public IReadOnlyList<string> StillFailing { get; init; } = [];

    /// <summary>Judges.</summary>
    /// <param name="baseline">The run before the first change; null when there was none.</param>
    /// <param name="now">The run on the change.</param>
    /// <param name="request">The person's words: tests that they name must pass.</param>
    /// <param name="allCount">Whether the person named the test command, so that every test counts.</param>
    public static TestVerdict Of(TestReport? baseline, TestReport now, string request, bool allCount)
    {
        if (!now.Complete)
        {
            return new() { Success = false, Retry = true, Reason = "The test run did not come to its end, so nothing counts." };
        }

        var before = ByName(baseline);
        var after = ByName(now);
        var broken = before.Where(c => c.Value == TestStatus.Passed && !Passes(after, c.Key)).Select(c => c.Key).ToList();
        if (broken.Count > 0 && now.Cases.Count > 0)
        {
            var gone = broken.Where(b => !after.ContainsKey(b)).ToList();
            return new()
            {
                Success = false,
                Retry = true,
                Reason = $"{Names(broken)} passed before the change and {(gone.Count == broken.Count ? "did not run now" : "fail now")}.",
            };
        }

        var failing = after.Where(c => c.Value is TestStatus.Failed or TestStatus.Errored).Select(c => c.Key).ToList();
        var fresh = failing.Where(f => !before.ContainsKey(f) || before[f] == TestStatus.Skipped).ToList();
        if (fresh.Count > 0 || (now.Failed + now.Errored > 0 && (baseline is null || failing.Count == 0)))
        {
            return new() { Success = false, Retry = true, Reason = fresh.Count > 0 ? $"{Names(fresh)} fail." : Count(now) };
        }

        if (now.Passed == 0)
        {
            return new() { Success = false, Retry = false, Reason = now.Total == 0 ? "No test was found, so nothing proves the change." : "No test ran to a pass, so nothing proves the change." };
        }

        return failing.Count == 0 ? new() { Success = true, Retry = false, Reason = Count(now) } : WithOldFailures(before, after, failing, request, allCount);
    }

    /// <summary>Only tests fail that failed before. They are let be when nothing asks for them and the change is proven by others.</summary>
    private static TestVerdict WithOldFailures(
        Dictionary<string, TestStatus> before, Dictionary<string, TestStatus> after, List<string> failing, string request, bool allCount)
    {
        var asked = allCount ? failing : [.. failing.Where(f => IsNamed(f, request))];
        if (asked.Count > 0)
        {
            return new() { Success = false, Retry = true, Reason = $"{Names(asked)} failed before and still fail{(allCount ? "" : ", and the request names them")}.", StillFailing = failing };
        }

        var mended = after.Any(c => c.Value == TestStatus.Passed && (!before.TryGetValue(c.Key, out var was) || was is TestStatus.Failed or TestStatus.Errored));
        return mended
            ? new() { Success = true, Retry = false, Reason = $"Nothing that passed before fails. {Names(failing)} failed before and still fail.", StillFailing = failing }
            : new() { Success = false, Retry = false, Unproven = true, Reason = $"{Names(failing)} failed before and still fail, and no test that failed before or is new passes: nothing proves the change.", StillFailing = failing };
    }

    /// <summary>A test is named when the request holds its last word, its function or its file.</summary>
    private static bool IsNamed(string test, string request) =>
        test.Split((char[])[' ', ':', '.', '/', '\\', '[', '(', '>', '#'], StringSplitOptions.RemoveEmptyEntries)
            .Any(word => word.Length > 5 && request.Contains(word, StringComparison.OrdinalIgnoreCase) && word.Contains("test", StringComparison.OrdinalIgnoreCase));

    private static bool Passes(Dictionary<string, TestStatus> cases, string name) => cases.TryGetValue(name, out var status) && status == TestStatus.Passed;

    /// <summary>Cases of one name count as their worst.</summary>
    private static Dictionary<string, TestStatus> ByName(TestReport? report) =>
        (report?.Cases ?? []).GroupBy(c => c.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Select(c => c.Status).MaxBy(Badness), StringComparer.Ordinal);

    private static int Badness(TestStatus status) => status switch
    {
        TestStatus.Passed => 0,
        TestStatus.Skipped => 1,
        TestStatus.Failed => 2,
        _ => 3,
    };

    private static string Names(List<string> names)
    {
        var text = new StringBuilder(string.Join(", ", names.Take(MostNames)));
        return names.Count > MostNames ? text.Append(CultureInfo.InvariantCulture, $" and {names.Count - MostNames} more").ToString() : text.ToString();
    }

    private static string Count(TestReport report) =>
        string.Create(CultureInfo.InvariantCulture, $"{report.Passed} of {report.Total} tests passed, {report.Failed + report.Errored} failed, {report.Skipped} were skipped.");
}
