namespace EdgeCoder.Coordinator.Payments;

/// <summary>The clock of purchases. A type of its own, so that a test moves it without moving the silo's.</summary>
internal sealed class PaymentClock(TimeProvider time)
{
    /// <summary>Now.</summary>
    public long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();
}
