using EdgeCoder.Agent.Prompts;
using EdgeCoder.Executor;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Snippets;

/// <summary>How far a session is: all that its record is made of.</summary>
internal sealed class SnippetProgress
{
    private readonly List<IterationRecord> _history = [];

    /// <summary>The plan.</summary>
    public IReadOnlyList<PlanStep> Plan { get; set; } = [];

    /// <summary>The tests that count.</summary>
    public IReadOnlyList<SnippetFile> Tests { get; set; } = [];

    /// <summary><c>acceptance</c> or <c>model</c>; absent without tests.</summary>
    public string? TestsBy { get; set; }

    /// <summary>Why there are no tests.</summary>
    public string? WhyNoTests { get; set; }

    /// <summary>What the writer of the code may know about the tests.</summary>
    public TestsSoFar TestsKnown { get; set; } = TestsSoFar.None;

    /// <summary>The last code.</summary>
    public IReadOnlyList<SnippetFile> Code { get; set; } = [];

    /// <summary>The last run of code.</summary>
    public RunResult? LastRun { get; set; }

    /// <summary>Turns of code that were run.</summary>
    public int Iterations { get; set; }

    /// <summary>All turns.</summary>
    public IReadOnlyList<IterationRecord> History => _history;

    /// <summary>The last code as one text; several files are told apart by a comment line.</summary>
    public string CodeText => TextOf(Code);

    /// <summary>Adds a turn.</summary>
    public void Add(IterationRecord turn) => _history.Add(turn);

    /// <summary>Completes the last turn.</summary>
    public void Amend(Func<IterationRecord, IterationRecord> change) => _history[^1] = change(_history[^1]);

    /// <summary>Files as one text.</summary>
    public static string TextOf(IReadOnlyList<SnippetFile> files) => files.Count switch
    {
        0 => "",
        1 => files[0].Text,
        _ => string.Join('\n', files.Select(f => $"{(f.Name.EndsWith(".py", StringComparison.Ordinal) ? "#" : "//")} {f.Name}\n{f.Text}")),
    };
}
