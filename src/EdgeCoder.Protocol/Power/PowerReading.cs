using EdgeCoder.Protocol.Agents;

namespace EdgeCoder.Protocol.Power;

/// <summary>Telemetry with the moment that it counts from.</summary>
/// <param name="Telemetry">What the agent sent.</param>
/// <param name="ReadAtMs">When it was read, by the coordinator's clock.</param>
public sealed record PowerReading(PowerTelemetry Telemetry, long ReadAtMs)
{
    /// <summary>Readings older than this count as unknown.</summary>
    public const long FreshMs = 120_000;

    /// <summary>A reading at its receipt: a missing time, or one later than the receipt, is the receipt.</summary>
    public static PowerReading Received(PowerTelemetry telemetry, long receivedAtMs) =>
        new(telemetry, Math.Min(telemetry.UpdatedAtMs ?? receivedAtMs, receivedAtMs));

    /// <summary>What is known now: all of a fresh reading; of a stale one the kind of machine, which does not age.</summary>
    public PowerTelemetry Known(long nowMs) =>
        nowMs - ReadAtMs <= FreshMs ? Telemetry : new() { DeviceType = Telemetry.DeviceType };
}
