using Orleans;

namespace EdgeCoder.Coordinator.Queue;

/// <summary>What committed rows mean for one partition's index.</summary>
[GenerateSerializer]
internal sealed class PartitionChange
{
    /// <summary>Waits now, with these facts.</summary>
    [Id(0)]
    public List<SubtaskFacts> Queued { get; set; } = [];

    /// <summary>Waits no more.</summary>
    [Id(1)]
    public List<string> Gone { get; set; } = [];

    /// <summary>Take no slot any more.</summary>
    [Id(2)]
    public List<string> EndedLeases { get; set; } = [];

    /// <summary>Tasks whose reservation may have grown.</summary>
    [Id(3)]
    public List<string> Budgets { get; set; } = [];
}

/// <summary>What an operation has changed, told to indexes and waiters after its commit. Made anew by every run of the operation.</summary>
internal sealed class QueueChanges
{
    /// <summary>By partition.</summary>
    public Dictionary<int, PartitionChange> Partitions { get; } = [];

    /// <summary>Tasks with new events.</summary>
    public HashSet<string> Tasks { get; } = new(StringComparer.Ordinal);

    /// <summary>Agents against whom something was found: their behaviour is looked at.</summary>
    public HashSet<string> Suspects { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether a result waits for a verifier.</summary>
    public bool Results { get; set; }

    /// <summary>Whether a check waits for its baseline.</summary>
    public bool Baselines { get; set; }

    /// <summary>Whether a task waits for a plan.</summary>
    public bool Planning { get; set; }

    /// <summary>The change of a partition.</summary>
    public PartitionChange Of(int partition)
    {
        if (!Partitions.TryGetValue(partition, out var change))
        {
            Partitions[partition] = change = new();
        }

        return change;
    }

    /// <summary>A subtask waits now.</summary>
    public void Queued(int partition, SubtaskFacts subtask)
    {
        Of(partition).Queued.Add(subtask);
        Baselines |= subtask.BaselineWaits;
    }

    /// <summary>A lease has ended, and its cap went back or was paid.</summary>
    public void LeaseEnded(int partition, string leaseId, string taskId)
    {
        var change = Of(partition);
        change.EndedLeases.Add(leaseId);
        change.Budgets.Add(taskId);
    }
}
