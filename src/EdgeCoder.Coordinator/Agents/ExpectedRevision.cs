namespace EdgeCoder.Coordinator.Agents;

/// <summary>
/// How a kept copy of rows learns that it is old, although the change that makes it so is not yet committed: the operation says inside its transaction
/// which revision it makes. Until a read shows that revision, every use reads again. An operation that was rolled back costs reads for a minute, never
/// a stale answer.
/// </summary>
internal struct ExpectedRevision
{
    private const long ForgottenAfterMs = 60_000;

    private long _revision;
    private long _atMs;

    /// <summary>A transaction makes this revision.</summary>
    public void Raise(long revision, long nowMs)
    {
        _revision = Math.Max(revision, _revision);
        _atMs = nowMs;
    }

    /// <summary>Whether a copy with this revision may be used.</summary>
    public readonly bool IsMet(long revision, long nowMs) => revision >= _revision || nowMs - _atMs > ForgottenAfterMs;
}
