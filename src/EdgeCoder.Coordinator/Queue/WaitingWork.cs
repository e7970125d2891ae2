using EdgeCoder.Coordinator.Agents;

namespace EdgeCoder.Coordinator.Queue;

/// <summary>
/// The waiting subtasks of a partition, in one line for each <see cref="SubtaskShape"/>, oldest first. A pull judges shapes, and in each line only as
/// many subtasks as it takes to find one it may have. Not safe for threads.
/// </summary>
internal sealed class WaitingWork
{
    private static readonly Comparer<SubtaskFacts> ByAge = Comparer<SubtaskFacts>.Create((a, b) =>
        a.QueuedAtMs != b.QueuedAtMs ? a.QueuedAtMs.CompareTo(b.QueuedAtMs) : string.CompareOrdinal(a.SubtaskId, b.SubtaskId));

    private readonly Dictionary<string, SubtaskFacts> _subtasks = new(StringComparer.Ordinal);
    private readonly Dictionary<SubtaskShape, SortedSet<SubtaskFacts>> _lines = [];

    /// <summary>How many wait.</summary>
    public int Count => _subtasks.Count;

    /// <summary>All of them, in no order.</summary>
    public IReadOnlyCollection<SubtaskFacts> All => _subtasks.Values;

    /// <summary>Whether a subtask waits here.</summary>
    public SubtaskFacts? Find(string subtaskId) => _subtasks.GetValueOrDefault(subtaskId);

    /// <summary>Adds a subtask, or puts it in the place of its older facts.</summary>
    public void Put(SubtaskFacts subtask)
    {
        Remove(subtask.SubtaskId);
        _subtasks[subtask.SubtaskId] = subtask;
        if (!_lines.TryGetValue(subtask.Shape, out var line))
        {
            _lines[subtask.Shape] = line = new(ByAge);
        }

        line.Add(subtask);
    }

    /// <summary>Takes a subtask away; null when it is not here.</summary>
    public SubtaskFacts? Remove(string subtaskId)
    {
        if (!_subtasks.Remove(subtaskId, out var subtask))
        {
            return null;
        }

        var line = _lines[subtask.Shape];
        line.Remove(subtask);
        if (line.Count == 0)
        {
            _lines.Remove(subtask.Shape);
        }

        return subtask;
    }

    /// <summary>The eligible subtask of highest rank for an agent; null when there is none.</summary>
    public SubtaskFacts? Best(AgentFacts agent, IQueueMoment moment)
    {
        SubtaskFacts? best = null;
        var bestRank = 0.0;
        foreach (var (shape, line) in _lines)
        {
            if (FirstOf(line, shape, agent, moment) is not { } first)
            {
                continue;
            }

            var rank = Ranking.Rank(shape.Priority, first.QueuedAtMs, moment.NowMs, moment.Usage(shape.ProjectId));
            if (best is null || Ranking.Compare(rank, first, bestRank, best) < 0)
            {
                (best, bestRank) = (first, rank);
            }
        }

        return best;
    }

    /// <summary>
    /// The rule that keeps an agent from the work there is: of the subtask that would go first were it eligible. <see cref="ExclusionRule.None"/> when
    /// nothing waits that can be leased at all.
    /// </summary>
    public ExclusionRule FirstRule(AgentFacts agent, IQueueMoment moment)
    {
        SubtaskFacts? best = null;
        var bestRank = 0.0;
        foreach (var (shape, line) in _lines)
        {
            if (line.FirstOrDefault(s => !s.BaselineWaits) is not { } first)
            {
                continue;
            }

            var rank = Ranking.Rank(shape.Priority, first.QueuedAtMs, moment.NowMs, moment.Usage(shape.ProjectId));
            if (best is null || Ranking.Compare(rank, first, bestRank, best) < 0)
            {
                (best, bestRank) = (first, rank);
            }
        }

        return best is null ? ExclusionRule.None : Eligibility.Judge(agent, best, moment);
    }

    /// <summary>Whether work waits and all of it needs a sandbox that the agent has not.</summary>
    public bool OnlySandboxed(AgentFacts agent) => agent.SandboxMode is "none" && _lines.Count > 0 && _lines.Keys.All(s => s.SandboxNeeded);

    private static SubtaskFacts? FirstOf(SortedSet<SubtaskFacts> line, SubtaskShape shape, AgentFacts agent, IQueueMoment moment)
    {
        // A line is sorted by age: those past the time of the wished model come first, so at most two judgements of the shape are needed.
        bool? old = null;
        bool? young = null;
        foreach (var subtask in line)
        {
            var preferred = Eligibility.InPreferredTime(subtask, moment);
            var fits = preferred ? young ??= Fits(true) : old ??= Fits(false);
            if (!fits)
            {
                if (preferred)
                {
                    return null;
                }

                continue;
            }

            if (!subtask.BaselineWaits && Eligibility.JudgeOne(agent, subtask, moment) is ExclusionRule.None)
            {
                return subtask;
            }
        }

        return null;

        bool Fits(bool preferredTime) => Eligibility.JudgeShape(agent, shape, moment, preferredTime) is ExclusionRule.None;
    }
}
