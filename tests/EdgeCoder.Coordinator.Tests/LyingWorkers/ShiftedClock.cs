namespace EdgeCoder.Coordinator.Tests.LyingWorkers;

/// <summary>It begins now and moves only when it is told to: a lease takes what a test says and grows old at once, on a busy machine too, while everything else goes on.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    private readonly DateTimeOffset _begin = System.GetUtcNow();
    private long _aheadMs;

    public override DateTimeOffset GetUtcNow() => _begin.AddMilliseconds(Interlocked.Read(ref _aheadMs));

    public void Advance(TimeSpan time) => Interlocked.Add(ref _aheadMs, (long)time.TotalMilliseconds);
}
