namespace EdgeCoder.Coordinator.Tests.LyingWorkers;

/// <summary>The real clock, some time ahead: leases grow old at once, while everything else goes on.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    private long _aheadMs;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddMilliseconds(Interlocked.Read(ref _aheadMs));

    public void Advance(TimeSpan time) => Interlocked.Add(ref _aheadMs, (long)time.TotalMilliseconds);
}
