using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using EdgeCoder.Protocol.Agents;

namespace EdgeCoder.Agent.Power;

/// <summary>Power of a Mac, from <c>pmset</c> and <c>sysctl</c> (coordinator-and-mesh 7). Written from their documented output and not tested on a Mac.</summary>
/// <param name="run">Runs a program of the system and gives its output; null when it fails.</param>
public sealed partial class MacPowerSource(Func<string, IReadOnlyList<string>, string?> run) : IPowerSource
{
    /// <summary>Of this machine.</summary>
    public MacPowerSource()
        : this(Output)
    {
    }

    /// <inheritdoc/>
    public PowerTelemetry Read()
    {
        var battery = run("/usr/bin/pmset", ["-g", "batt"]);
        var percent = battery is null ? null : Percent().Match(battery) is { Success: true } match ? match.Groups[1].Value : null;
        var hasBattery = battery?.Contains("Battery-", StringComparison.Ordinal) == true || percent is not null;
        return new()
        {
            DeviceType = battery is null ? null : hasBattery ? "laptop" : "desktop",
            OnACPower = battery is null ? null : !hasBattery || battery.Contains("'AC", StringComparison.Ordinal),
            BatteryPct = percent is null ? null : Math.Clamp(double.Parse(percent, CultureInfo.InvariantCulture), 0, 100),
            ThermalState = Number("machdep.xcpm.cpu_thermal_level") switch
            {
                <= 30 => "nominal",
                <= 60 => "fair",
                <= 85 => "serious",
                not null => "critical",
                null => Throttled(Number("kern.sched_thermr_throttling_level")),
            },
        };
    }

    private static string? Throttled(double? level) => level switch
    {
        null => null,
        >= 80 => "critical",
        >= 50 => "serious",
        > 0 => "fair",
        _ => "nominal",
    };

    private double? Number(string name) =>
        double.TryParse(run("/usr/sbin/sysctl", ["-n", name])?.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static string? Output(string program, IReadOnlyList<string> arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var argument in arguments)
            {
                start.ArgumentList.Add(argument);
            }

            using var process = Process.Start(start);
            var text = process?.StandardOutput.ReadToEnd();
            process?.WaitForExit();
            return process?.ExitCode == 0 ? text : null;
        }
        catch (Exception fault) when (fault is Win32Exception or InvalidOperationException or IOException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"(\d{1,3})%")]
    private static partial Regex Percent();
}
