using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using EdgeCoder.Protocol.Agents;

namespace EdgeCoder.Agent.Power;

/// <summary>Power of a Windows machine, from <c>GetSystemPowerStatus</c> (coordinator-and-mesh 7). Written from its documentation and not tested on Windows.</summary>
[SupportedOSPlatform("windows")]
public sealed partial class WindowsPowerSource : IPowerSource
{
    private const byte NoBattery = 128;
    private const byte Unknown = 255;
    private const uint ServerEditions = 29;

    /// <inheritdoc/>
    public PowerTelemetry Read()
    {
        if (!GetSystemPowerStatus(out var status))
        {
            return new();
        }

        var hasBattery = status.BatteryFlag != Unknown && (status.BatteryFlag & NoBattery) == 0;
        return new()
        {
            DeviceType = hasBattery ? "laptop" : IsOS(ServerEditions) ? "server" : "desktop",
            OnACPower = status.ACLineStatus switch { 0 => false, 1 => true, _ => hasBattery ? null : true },
            BatteryPct = hasBattery && status.BatteryLifePercent <= 100 ? status.BatteryLifePercent : null,
        };
    }

    [LibraryImport("kernel32.dll", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetSystemPowerStatus(out PowerStatus status);

    [LibraryImport("shlwapi.dll", EntryPoint = "#437")]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool IsOS(uint what);

    [StructLayout(LayoutKind.Sequential)]
    private struct PowerStatus
    {
        public byte ACLineStatus;
        public byte BatteryFlag;
        public byte BatteryLifePercent;
        public byte SystemStatusFlag;
        public int BatteryLifeTime;
        public int BatteryFullLifeTime;
    }
}
