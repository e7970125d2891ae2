using System.Globalization;
using EdgeCoder.Protocol.Agents;

namespace EdgeCoder.Agent.Power;

/// <summary>Power of a Linux machine, from <c>/sys</c> and <c>/proc</c> (the Linux row of coordinator-and-mesh 7).</summary>
/// <param name="sys">Root of sysfs.</param>
/// <param name="proc">Root of procfs.</param>
/// <param name="ownProcess">This process: it and its descendants (the sandbox, the model) are the agent's own load.</param>
/// <param name="time">The clock.</param>
public sealed class LinuxPowerSource(string sys, string proc, int ownProcess, TimeProvider time) : IPowerSource
{
    private static readonly int[] ServerChassis = [17, 23, 25, 28, 29];
    private static readonly string[] VirtualVendors = ["QEMU", "KVM", "VMware", "VirtualBox", "innotek", "Xen", "Bochs", "Amazon EC2", "Google Compute", "Virtual Machine", "OpenStack", "Parallels", "Firecracker"];

    private readonly ProcessorLoad _load = new(time);

    /// <summary>Of this machine.</summary>
    public LinuxPowerSource(TimeProvider time)
        : this("/sys", "/proc", Environment.ProcessId, time)
    {
    }

    /// <inheritdoc/>
    public PowerTelemetry Read()
    {
        var supplies = Attempt(Supplies) ?? [];
        var batteries = supplies.Where(supply => supply is { Type: "Battery", Scope: not "Device" }).ToList();
        return new()
        {
            DeviceType = batteries.Count > 0 ? "laptop" : Attempt(IsServer) ? "server" : "desktop",
            OnACPower = Attempt(() => OnMains(supplies, batteries)),
            BatteryPct = Attempt(() => Charge(batteries)),
            ThermalState = Attempt(Thermal),
            CpuUsagePct = Attempt(() => _load.Next(LinuxProcesses.Machine(proc), LinuxProcesses.TicksOf(proc, ownProcess))),
            MemoryUsagePct = Attempt(Memory),
        };
    }

    /// <summary>A battery's charge in percent, each battery weighted by the energy it can hold; null without one.</summary>
    private static double? Charge(List<Supply> batteries)
    {
        var known = batteries.Where(battery => battery.Number("capacity") is >= 0 and <= 100).ToList();
        if (known.Count == 0)
        {
            return null;
        }

        var weights = known.Select(battery => battery.Energy).ToList();
        // One that does not tell its size makes the sizes incomparable.
        var equal = weights.Any(weight => weight is null or <= 0);
        return known.Select((battery, at) => battery.Number("capacity")!.Value * (equal ? 1 : weights[at]!.Value)).Sum() / (equal ? known.Count : weights.Sum()!.Value);
    }

    private static bool? OnMains(List<Supply> supplies, List<Supply> batteries)
    {
        if (batteries.Count == 0)
        {
            return true;
        }

        var mains = supplies.Where(supply => supply.Type == "Mains").Select(supply => supply.Number("online")).OfType<double>().ToList();
        if (mains.Count > 0)
        {
            return mains.Any(online => online > 0);
        }

        var states = batteries.Select(battery => battery.Text("status")).OfType<string>().ToList();
        return states.Contains("Discharging") ? false : states.Any(state => state is "Charging" or "Full" or "Not charging") ? true : null;
    }

    private List<Supply> Supplies()
    {
        var folder = Path.Combine(sys, "class", "power_supply");
        return Directory.Exists(folder) ? [.. Directory.EnumerateFileSystemEntries(folder).Order(StringComparer.Ordinal).Select(path => new Supply(path))] : [];
    }

    private bool IsServer()
    {
        var dmi = Path.Combine(sys, "class", "dmi", "id");
        if (int.TryParse(Line(Path.Combine(dmi, "chassis_type")), NumberStyles.None, CultureInfo.InvariantCulture, out var chassis) && ServerChassis.Contains(chassis))
        {
            return true;
        }

        return VirtualVendors.Any(name => Has(Line(Path.Combine(dmi, "sys_vendor")), name) || Has(Line(Path.Combine(dmi, "product_name")), name))
            || Line(Path.Combine(sys, "hypervisor", "type")) is not null
            || File.Exists(Path.Combine(proc, "cpuinfo")) && File.ReadLines(Path.Combine(proc, "cpuinfo")).Any(line => line.StartsWith("flags", StringComparison.Ordinal) && line.Split(' ').Contains("hypervisor"));

        static bool Has(string? text, string name) => text?.Contains(name, StringComparison.OrdinalIgnoreCase) == true;
    }

    private string? Thermal()
    {
        var folder = Path.Combine(sys, "class", "thermal");
        if (!Directory.Exists(folder))
        {
            return null;
        }

        var degrees = Directory.EnumerateFileSystemEntries(folder, "thermal_zone*")
            .Where(zone => Line(Path.Combine(zone, "type")) is { } type && IsProcessor(type))
            .Select(zone => Parse(Line(Path.Combine(zone, "temp"))) / 1000)
            .Where(value => value is > -40 and < 150)
            .Max();
        return degrees switch
        {
            null => null,
            <= 60 => "nominal",
            <= 75 => "fair",
            <= 90 => "serious",
            _ => "critical",
        };
    }

    private static bool IsProcessor(string type) =>
        type.Contains("cpu", StringComparison.OrdinalIgnoreCase) || type is "x86_pkg_temp" or "coretemp" or "k10temp" or "zenpower" or "soc_thermal" or "soc-thermal";

    private double? Memory()
    {
        double? total = null, available = null;
        foreach (var line in File.ReadLines(Path.Combine(proc, "meminfo")))
        {
            total ??= Of(line, "MemTotal:");
            available ??= Of(line, "MemAvailable:");
        }

        return total > 0 && available is not null ? Math.Clamp((total.Value - available.Value) / total.Value * 100, 0, 100) : null;

        static double? Of(string line, string name) => line.StartsWith(name, StringComparison.Ordinal) ? Parse(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim()) : null;
    }

    private static double? Parse(string? text) => double.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>The first line of a small file; null when it cannot be read.</summary>
    private static string? Line(string path)
    {
        try
        {
            return File.Exists(path) && File.ReadLines(path).FirstOrDefault()?.Trim() is { Length: > 0 } line ? line : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // A driver that answers with an error leaves its own fields absent and no others.
    private static T? Attempt<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or FormatException or OverflowException or ArgumentException or InvalidOperationException)
        {
            return default;
        }
    }

    /// <summary>A directory of <c>/sys/class/power_supply</c>.</summary>
    private sealed class Supply(string folder)
    {
        public string? Type => Text("type");

        /// <summary>System, or Device for the battery of a mouse; a battery that names none is the machine's.</summary>
        public string? Scope => Text("scope");

        /// <summary>Energy when full, in microwatt hours; null when it is not told.</summary>
        public double? Energy => Number("energy_full") ?? Number("charge_full") * Number("voltage_min_design") / 1e6;

        public string? Text(string name) => Line(Path.Combine(folder, name));

        public double? Number(string name) => Parse(Text(name));
    }
}
