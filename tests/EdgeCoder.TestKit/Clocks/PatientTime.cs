namespace EdgeCoder.TestKit.Clocks;

/// <summary>
/// The real clock, but for some limits that end a thing which takes too long: these are ten minutes. A test of what the thing does, not of its limit, then says
/// the same on a machine that is slow or busy.
/// </summary>
/// <param name="limits">The limits, as the code under test waits for them.</param>
public sealed class PatientTime(params TimeSpan[] limits) : TimeProvider
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, limits.Contains(dueTime) ? Long : dueTime, period);
}
