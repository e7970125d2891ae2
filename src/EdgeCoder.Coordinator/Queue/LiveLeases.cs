namespace EdgeCoder.Coordinator.Queue;

/// <summary>Live leases of a partition, with the counts that limits look at. Not safe for threads.</summary>
internal sealed class LiveLeases
{
    private readonly Dictionary<string, LeaseCard> _leases = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _agents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _projects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _tenants = new(StringComparer.Ordinal);

    /// <summary>How many.</summary>
    public int Count => _leases.Count;

    /// <summary>Adds a lease, or gives it another deadline.</summary>
    public void Put(LeaseCard lease)
    {
        Remove(lease.LeaseId);
        _leases[lease.LeaseId] = lease;
        Add(_agents, lease.AgentId, 1);
        Add(_projects, lease.ProjectId, 1);
        Add(_tenants, lease.TenantId, 1);
    }

    /// <summary>Takes a lease away; null when it is not here.</summary>
    public LeaseCard? Remove(string leaseId)
    {
        if (_leases.Remove(leaseId, out var lease))
        {
            Add(_agents, lease.AgentId, -1);
            Add(_projects, lease.ProjectId, -1);
            Add(_tenants, lease.TenantId, -1);
        }

        return lease;
    }

    /// <summary>Leases of an agent.</summary>
    public int OfAgent(string agentId) => _agents.GetValueOrDefault(agentId);

    /// <summary>Leases of a project.</summary>
    public int OfProject(string projectId) => _projects.GetValueOrDefault(projectId);

    /// <summary>Leases of a tenant.</summary>
    public int OfTenant(string tenantId) => _tenants.GetValueOrDefault(tenantId);

    /// <summary>Leases whose deadline, as far as known here, has passed.</summary>
    public List<LeaseCard> Due(long nowMs)
    {
        var due = new List<LeaseCard>();
        foreach (var lease in _leases.Values)
        {
            if (lease.DeadlineMs <= nowMs)
            {
                due.Add(lease);
            }
        }

        return due;
    }

    private static void Add(Dictionary<string, int> counts, string? key, int change)
    {
        if (key is null)
        {
            return;
        }

        var count = counts.GetValueOrDefault(key) + change;
        if (count == 0)
        {
            counts.Remove(key);
        }
        else
        {
            counts[key] = count;
        }
    }
}
