namespace EdgeCoder.Coordinator.Queue;

/// <summary>Decayed counts of the leases granted to each project. Not safe for threads.</summary>
internal sealed class ProjectUsage
{
    private readonly Dictionary<string, (double Usage, long AtMs)> _projects = new(StringComparer.Ordinal);

    /// <summary>Usage of a project now.</summary>
    public double Of(string projectId, long nowMs) => _projects.TryGetValue(projectId, out var at) ? Ranking.Decay(at.Usage, at.AtMs, nowMs) : 0;

    /// <summary>Counts a lease granted at <paramref name="grantedAtMs"/>; older grants may be told later.</summary>
    public void Granted(string projectId, long grantedAtMs)
    {
        var (usage, atMs) = _projects.GetValueOrDefault(projectId);
        _projects[projectId] = grantedAtMs >= atMs
            ? (Ranking.Decay(usage, atMs, grantedAtMs) + 1, grantedAtMs)
            : (usage + Ranking.Decay(1, grantedAtMs, atMs), atMs);
    }
}
