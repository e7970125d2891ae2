using EdgeCoder.Coordinator.Agents;

namespace EdgeCoder.Coordinator.Queue;

/// <summary>A pull that waits for work.</summary>
internal sealed record ParkedPull(AgentFacts Agent, long PullId);

/// <summary>The parked pulls of a partition, longest parked first; one for each agent. Not safe for threads.</summary>
internal sealed class ParkedPulls
{
    private readonly Dictionary<string, LinkedListNode<ParkedPull>> _byAgent = new(StringComparer.Ordinal);
    private readonly LinkedList<ParkedPull> _line = new();

    /// <summary>How many are parked.</summary>
    public int Count => _line.Count;

    /// <summary>Parks a pull at the end; the agent's older one is gone.</summary>
    public void Park(ParkedPull pull)
    {
        Remove(pull.Agent.AgentId);
        _byAgent[pull.Agent.AgentId] = _line.AddLast(pull);
    }

    /// <summary>Takes an agent's pull away; false when there is none, or another than named.</summary>
    public bool Remove(string agentId, long? pullId = null)
    {
        if (!_byAgent.TryGetValue(agentId, out var node) || (pullId is { } id && node.Value.PullId != id))
        {
            return false;
        }

        _byAgent.Remove(agentId);
        _line.Remove(node);
        return true;
    }

    /// <summary>The pull of an agent.</summary>
    public ParkedPull? Of(string agentId) => _byAgent.TryGetValue(agentId, out var node) ? node.Value : null;

    /// <summary>Takes away the longest parked pull that may have a subtask.</summary>
    public ParkedPull? TakeFor(SubtaskFacts subtask, IQueueMoment moment)
    {
        for (var node = _line.First; node is not null; node = node.Next)
        {
            if (Eligibility.Judge(node.Value.Agent, subtask, moment) is ExclusionRule.None)
            {
                Remove(node.Value.Agent.AgentId);
                return node.Value;
            }
        }

        return null;
    }

    /// <summary>Takes away every pull for which something waits.</summary>
    public List<ParkedPull> TakeFitting(WaitingWork work, IQueueMoment moment)
    {
        var fitting = new List<ParkedPull>();
        for (var node = _line.First; node is not null && fitting.Count < work.Count;)
        {
            var (pull, next) = (node.Value, node.Next);
            if (work.Best(pull.Agent, moment) is not null)
            {
                Remove(pull.Agent.AgentId);
                fitting.Add(pull);
            }

            node = next;
        }

        return fitting;
    }
}
