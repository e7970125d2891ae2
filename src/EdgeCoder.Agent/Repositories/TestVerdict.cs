using System.Globalization;
using System.Text;
using EdgeCoder.Agent.TestCommands;
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

        var compared = TestComparison.Of(baseline, now);
        var passedBefore = (baseline?.Cases ?? []).Where(c => c.Status == TestStatus.Passed).Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        var broken = compared.NewFailures.Where(passedBefore.Contains).ToList();
        if (broken.Count > 0)
        {
            return new() { Success = false, Retry = true, Reason = $"Passed before the change and fail now: {Names(broken)}." };
        }

        if (compared.Disappeared.Count > 0 && now.Cases.Count > 0)
        {
            return new() { Success = false, Retry = true, Reason = $"Passed before the change and did not run now: {Names(compared.Disappeared)}." };
        }

        if (compared.NewFailures.Count > 0)
        {
            return new() { Success = false, Retry = true, Reason = $"Fail: {Names(compared.NewFailures)}." };
        }

        if (now.Failed + now.Errored > 0 && compared.OldFailures.Count == 0)
        {
            return new() { Success = false, Retry = true, Reason = Count(now) };
        }

        if (now.Passed == 0)
        {
            return new() { Success = false, Retry = false, Reason = now.Total == 0 ? "No test was found, so nothing proves the change." : "No test ran to a pass, so nothing proves the change." };
        }

        return compared.OldFailures.Count == 0 ? new() { Success = true, Retry = false, Reason = Count(now) } : WithOldFailures(compared, request, allCount);
    }

    /// <summary>Only tests fail that failed before. They are let be when nothing asks for them and the change is proven by others.</summary>
    private static TestVerdict WithOldFailures(TestComparison compared, string request, bool allCount)
    {
        var failing = compared.OldFailures;
        var asked = allCount ? failing : [.. failing.Where(f => IsNamed(f, request))];
        if (asked.Count > 0)
        {
            return new() { Success = false, Retry = true, Reason = $"Failed before and still fail{(allCount ? "" : ", though the request names them")}: {Names(asked)}.", StillFailing = failing };
        }

        return compared.NewlyPassing.Count > 0
            ? new() { Success = true, Retry = false, Reason = $"Nothing that passed before fails. Failed before and still fail: {Names(failing)}.", StillFailing = failing }
            : new() { Success = false, Retry = false, Unproven = true, Reason = $"Failed before and still fail: {Names(failing)}; and no test that failed before or is new passes, so nothing proves the change.", StillFailing = failing };
    }

    /// <summary>A test is named when the request holds its last word, its function or its file.</summary>
    private static bool IsNamed(string test, string request) =>
        test.Split((char[])[' ', ':', '.', '/', '\\', '[', '(', '>', '#'], StringSplitOptions.RemoveEmptyEntries)
            .Any(word => word.Length > 5 && request.Contains(word, StringComparison.OrdinalIgnoreCase) && word.Contains("test", StringComparison.OrdinalIgnoreCase));

    private static string Names(IReadOnlyList<string> names)
    {
        var text = new StringBuilder(string.Join(", ", names.Take(MostNames)));
        return names.Count > MostNames ? text.Append(CultureInfo.InvariantCulture, $" and {names.Count - MostNames} more").ToString() : text.ToString();
    }

    private static string Count(TestReport report) =>
        string.Create(CultureInfo.InvariantCulture, $"{report.Passed} of {report.Total} tests passed, {report.Failed + report.Errored} failed, {report.Skipped} were skipped.");
}
