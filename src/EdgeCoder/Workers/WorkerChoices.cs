using System.Reflection;
using EdgeCoder.Agent.Coordinators;
using EdgeCoder.Agent.Workers;
using EdgeCoder.Commands;
using EdgeCoder.Hosting.Settings;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Identifiers;
using EdgeCoder.Protocol.Releases;
using EdgeCoder.Settings;

namespace EdgeCoder.Workers;

/// <summary>What a worker was told by its environment (environment.md 5, 6, 10), with what it joined with.</summary>
/// <param name="Worker">How it presents itself.</param>
/// <param name="Coordinators">Where its coordinator may be.</param>
/// <param name="Power">Values that replace what the machine says of its power.</param>
internal sealed record WorkerChoices(WorkerSettings Worker, CoordinatorSettings Coordinators, PowerTelemetry Power)
{
    private const string UsualCoordinator = "http://127.0.0.1:4301";

    /// <summary>Reads them. Throws <see cref="UsageException"/> that names every fault.</summary>
    /// <param name="surroundings">The environment.</param>
    /// <param name="files">Where the worker keeps what lasts.</param>
    /// <param name="memory">What it joined with.</param>
    public static WorkerChoices Read(Surroundings surroundings, WorkerFiles files, WorkerMemory memory)
    {
        var reader = new SettingsReader(surroundings.Environment);
        var agentId = reader.Text("AGENT_ID") ?? memory.AgentId ?? files.KeyOwner ?? UsualId();
        if (!ClientId.IsValid(agentId))
        {
            reader.Refuse("AGENT_ID must have 3 to 128 letters, digits, dots, underscores, colons or hyphens, and begin with a letter or digit.");
        }

        KeyStorage.RefuseWhatIsNotThere(reader);
        var given = reader.Url("COORDINATOR_URL");
        var bootstrap = new[] { memory.CoordinatorUrl, given?.ToString() ?? (memory.CoordinatorUrl is null ? UsualCoordinator : null) }
            .Select(url => CoordinatorUrl.TryNormalise(url, out var one) ? one : null).OfType<string>().Distinct().ToList();
        var controlPlane = reader.Url("CONTROL_PLANE_URL");
        var feed = reader.Url("COORDINATOR_DISCOVERY_URL") ?? (controlPlane is null ? null : new Uri(controlPlane.ToString().TrimEnd('/') + "/network/coordinators"));
        var device = reader.Text("AGENT_DEVICE_ID") ?? reader.Text("IOS_DEVICE_ID");
        if (device is { Length: < 3 or > 128 })
        {
            reader.Refuse("AGENT_DEVICE_ID must have 3 to 128 characters.");
        }

        var client = reader.Text("AGENT_CLIENT_TYPE") ?? "edgecoder-native";
        if (client.Length > 64)
        {
            reader.Refuse("AGENT_CLIENT_TYPE must have at most 64 characters.");
        }

        var choices = new WorkerChoices(
            new()
            {
                AgentId = agentId,
                RegistrationToken = reader.Secret("AGENT_REGISTRATION_TOKEN", least: 10),
                Os = reader.Choice("AGENT_OS", OperatingSystemName(), "debian", "ubuntu", "linux", "windows", "macos", "ios", "android"),
                Version = Version(),
                Mode = reader.Choice("AGENT_MODE", "swarm-only", "swarm-only", "ide-enabled"),
                ClientType = client,
                DeviceId = device,
                Integrity = OwnRelease(reader.Text("EDGECODER_DEV") is not null ? "dev" : reader.Text("EDGECODER_RELEASE")),
                Slots = (int)reader.Number("MAX_CONCURRENT_TASKS", 1, 1, 64),
                Phone = new()
                {
                    PhoneStopLevelPct = reader.Number("IOS_BATTERY_TASK_STOP_LEVEL_PCT", 20, 0, 100),
                    PhoneIntervalMs = (long)reader.Milliseconds("IOS_BATTERY_PULL_MIN_INTERVAL_MS", 45_000, 0, 3_600_000).TotalMilliseconds,
                },
            },
            new()
            {
                Feed = feed,
                Bootstrap = bootstrap,
                CacheFile = reader.Text("COORDINATOR_CACHE_FILE") ?? files.UsualCache,
                CallTime = reader.Milliseconds("COORDINATOR_HTTP_TIMEOUT_MS", 15_000, 1_000, 120_000),
                Retries = (int)reader.Number("COORDINATOR_POST_RETRIES", 2, 0, 10),
            },
            new()
            {
                OnExternalPower = reader.Text("IOS_ON_EXTERNAL_POWER") is null ? null : reader.Flag("IOS_ON_EXTERNAL_POWER", false),
                LowPowerMode = reader.Text("IOS_LOW_POWER_MODE") is null ? null : reader.Flag("IOS_LOW_POWER_MODE", false),
                BatteryLevelPct = reader.Text("IOS_BATTERY_LEVEL_PCT") is null ? null : reader.Number("IOS_BATTERY_LEVEL_PCT", 0, 0, 100),
            });
        return reader.Faults.Count == 0 ? choices : throw new UsageException("invalid_settings", string.Join(Environment.NewLine, reader.Faults));
    }

    // The files of a running program do not change; they are read once.
    private static Func<BinaryIntegrity?> OwnRelease(string? channel)
    {
        var claim = new Lazy<BinaryIntegrity?>(() => ReleaseFolder.Claim(AppContext.BaseDirectory, Version(), channel));
        return () => claim.Value;
    }

    private static string UsualId()
    {
        var host = new string([.. Environment.MachineName.ToLowerInvariant().Where(char.IsAsciiLetterOrDigit).Take(8)]);
        return $"node-{(host.Length == 0 ? "local" : host)}";
    }

    private static string OperatingSystemName()
    {
        if (!OperatingSystem.IsLinux())
        {
            return OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "macos" : "linux";
        }

        try
        {
            // os-release(5)
            var id = File.ReadLines("/etc/os-release").FirstOrDefault(line => line.StartsWith("ID=", StringComparison.Ordinal))?[3..].Trim('"', '\'');
            return id is "debian" or "ubuntu" ? id : "linux";
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return "linux";
        }
    }

    private static string Version() =>
        typeof(WorkerChoices).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
