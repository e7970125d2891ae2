using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Agent.Repositories;

/// <summary>How far a prompt is: what its record is made of.</summary>
internal sealed class RepositoryProgress
{
    private readonly List<IterationRecord> _history = [];

    /// <summary>The plan.</summary>
    public IReadOnlyList<PlanStep> Plan { get; set; } = [];

    /// <summary>The last report of the project's tests.</summary>
    public TestReport? LastReport { get; set; }

    /// <summary>The sandbox that commands ran in; null before the first.</summary>
    public SandboxIdentity? Sandbox { get; set; }

    /// <summary>Test runs of the loop and the model.</summary>
    public int TestRuns { get; set; }

    /// <summary>All turns.</summary>
    public IReadOnlyList<IterationRecord> History => _history;

    /// <summary>Class of the work.</summary>
    public required string DataClass { get; set; }

    /// <summary>Adds a turn.</summary>
    public void Add(IterationRecord turn) => _history.Add(turn);

    /// <summary>Completes the last turn.</summary>
    public void Amend(Func<IterationRecord, IterationRecord> change) => _history[^1] = change(_history[^1]);
}
