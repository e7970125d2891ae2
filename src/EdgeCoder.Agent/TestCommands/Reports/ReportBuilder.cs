using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.TestCommands.Reports;

/// <summary>Collects cases into a report within its caps; counts go on when cases are not kept any more. Cases of one name count as the worst of them.</summary>
internal sealed class ReportBuilder(string framework)
{
    private const int MostCases = 20_000;
    private const int MostTexts = 500;
    private const int LongestText = 8_000;
    private const int LongestName = 500;

    private readonly Dictionary<string, int> places = new(StringComparer.Ordinal);
    private readonly List<TestCase> cases = [];
    private readonly int[] counts = new int[4];
    private int texts;

    /// <summary>Cases so far.</summary>
    public int Total => counts.Sum();

    /// <summary>Cases so far that failed or ended with an error.</summary>
    public int Bad => counts[(int)TestStatus.Failed] + counts[(int)TestStatus.Errored];

    /// <summary>Adds a case.</summary>
    public void Add(string name, TestStatus status, double durationMs = 0, string? message = null)
    {
        if (places.TryGetValue(name, out var at))
        {
            if (Worse(status, cases[at].Status))
            {
                counts[(int)cases[at].Status]--;
                counts[(int)status]++;
                cases[at] = Case(name, status, durationMs, message);
            }

            return;
        }

        counts[(int)status]++;
        if (cases.Count < MostCases)
        {
            places[name] = cases.Count;
            cases.Add(Case(name, status, durationMs, message));
        }
    }

    /// <summary>The report.</summary>
    /// <param name="complete">Whether the runner came to its end, as far as it tells.</param>
    public TestReport Build(bool complete) => new()
    {
        Framework = framework,
        Total = Total,
        Passed = counts[(int)TestStatus.Passed],
        Failed = counts[(int)TestStatus.Failed],
        Skipped = counts[(int)TestStatus.Skipped],
        Errored = counts[(int)TestStatus.Errored],
        DurationMs = cases.Sum(one => one.DurationMs),
        Cases = cases,
        Complete = complete,
    };

    private TestCase Case(string name, TestStatus status, double durationMs, string? message)
    {
        var told = string.IsNullOrWhiteSpace(message) || texts >= MostTexts ? null : message.Trim();
        texts += told is null ? 0 : 1;
        var (expected, actual) = told is null || status == TestStatus.Skipped ? (null, null) : ComparedValues.Find(told);
        return new TestCase
        {
            Name = name.Length > LongestName ? name[..LongestName] : name,
            Status = status,
            DurationMs = double.IsFinite(durationMs) && durationMs >= 0 ? durationMs : 0,
            Message = told is { Length: > LongestText } ? $"{told[..(LongestText / 2)]}\n… {told.Length - LongestText} characters left out …\n{told[^(LongestText / 2)..]}" : told,
            Expected = expected,
            Actual = actual,
        };
    }

    private static bool Worse(TestStatus one, TestStatus other) => Rank(one) > Rank(other);

    private static int Rank(TestStatus status) => status switch { TestStatus.Skipped => 0, TestStatus.Passed => 1, TestStatus.Failed => 2, _ => 3 };
}
