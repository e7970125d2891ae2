namespace EdgeCoder.Coordinator.Tests.LyingWorkers;

/// <summary>The real clock, some time ahead: leases grow old at once, while everything else goes on. A steady one only moves when it is told to, so that a lease takes what a test says.</summary>
internal sealed class ShiftedClock(bool steady = false) : TimeProvider
{
    private readonly DateTimeOffset _begin = System.GetUtcNow();
    private long _aheadMs;

    public override DateTimeOffset GetUtcNow() => (steady ? _begin : base.GetUtcNow()).AddMilliseconds(Interlocked.Read(ref _aheadMs));

    public void Advance(TimeSpan time) => Interlocked.Add(ref _aheadMs, (long)time.TotalMilliseconds);
}
