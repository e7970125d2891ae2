using EdgeCoder.Protocol.Agents;

namespace EdgeCoder.Agent.Power;

/// <summary>The source of the machine that this runs on.</summary>
public static class PowerSources
{
    /// <summary>The machine's own; nothing is known of other systems.</summary>
    public static IPowerSource OfThisMachine(TimeProvider time) =>
        OperatingSystem.IsLinux() ? new LinuxPowerSource(time)
        : OperatingSystem.IsMacOS() ? new MacPowerSource()
        : OperatingSystem.IsWindows() ? new WindowsPowerSource()
        : new Nothing();

    private sealed class Nothing : IPowerSource
    {
        public PowerTelemetry Read() => new();
    }
}
