using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Verification;

/// <summary>
/// The canaries of this process: before the first program of a language, the runner tries on its own sandbox what must fail, and tells. Until they have
/// been told to fail once, every run begins with them; one that got through closes the gate for as long as this process lives.
/// </summary>
internal sealed class CanaryGate
{
    /// <summary>What the runners try, in their order.</summary>
    public static IReadOnlyList<string> Names { get; } = ["read outside", "write outside", "connect", "execute a program", "exceed memory"];

    private volatile bool proven;
    private volatile string? escaped;

    /// <summary>Whether the next run has to begin with them.</summary>
    public bool IsDemanded => !proven;

    /// <summary>What got out; null while nothing did.</summary>
    public string? Escaped => escaped;

    /// <summary>Takes what a run told that had to begin with them. A program that has started although one is missing is an escape too.</summary>
    public void Judge(SandboxOutcome outcome)
    {
        var told = outcome.Report.Records.Where(record => record.Kind == "canary").ToList();
        var through = told.Find(record => !record.IsTrue("contained"))?.Text("name");
        var complete = told.Select(record => record.Text("name")).SequenceEqual(Names);
        if (through is not null || (outcome.Report.Started && !complete))
        {
            escaped ??= through ?? "one that was not told";
        }
        else if (complete)
        {
            proven = true;
        }
    }
}
