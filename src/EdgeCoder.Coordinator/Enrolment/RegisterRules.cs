using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Identifiers;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.Coordinator.Enrolment;

/// <summary>Limits of what an agent says of itself (coordinator-and-mesh 3.1).</summary>
internal static class RegisterRules
{
    private static readonly string[] Sandboxes = ["none", "namespaces", "landlock", "seatbelt", "appcontainer", "wsl2", "docker", "vm"];
    private static readonly string[] Providers = ["edgecoder-local", "ollama-local", "openai-compatible"];
    private static readonly string[] ThermalStates = ["nominal", "fair", "serious", "critical"];
    private static readonly string[] Devices = ["desktop", "laptop", "phone", "tablet", "server"];

    /// <summary>Faults of a registration; none when it may be looked at further.</summary>
    public static List<FieldIssue> Check(RegisterRequest request)
    {
        List<FieldIssue> issues = [];
        FieldRules.Require(issues, ClientId.IsValid(request.AgentId), "agentId", FieldRules.IdRule);
        FieldRules.Require(issues, FieldRules.Length(request.Os, 2, 64), "os", "2 to 64 characters");
        FieldRules.Require(issues, FieldRules.Length(request.Version, 1, 64), "version", "1 to 64 characters");
        FieldRules.Require(issues, request.Mode is "swarm-only" or "ide-enabled", "mode", "swarm-only or ide-enabled");
        FieldRules.Require(issues, request.DeviceId is null || FieldRules.Length(request.DeviceId, 3, 128), "deviceId", "3 to 128 characters");
        FieldRules.Require(issues, request.ClientType is null || FieldRules.Length(request.ClientType, 1, 64), "clientType", "1 to 64 characters");
        FieldRules.Require(issues, request.RegistrationToken is null || FieldRules.Length(request.RegistrationToken, 10, 256), "registrationToken", "10 to 256 characters");
        FieldRules.Require(issues, request.LocalModelProvider is null || Providers.Contains(request.LocalModelProvider, StringComparer.Ordinal), "localModelProvider", string.Join(", ", Providers));
        FieldRules.Require(issues, FieldRules.Within(request.MaxConcurrentTasks, 1, 64), "maxConcurrentTasks", "1 to 64");
        CheckSandbox(issues, request.SandboxMode, request.SandboxDigest);
        CheckModels(issues, request.Models);
        CheckPower(issues, request.PowerTelemetry);
        return issues;
    }

    /// <summary>Faults of a heartbeat.</summary>
    public static List<FieldIssue> Check(HeartbeatRequest request)
    {
        List<FieldIssue> issues = [];
        FieldRules.Require(issues, ClientId.IsValid(request.AgentId), "agentId", FieldRules.IdRule);
        FieldRules.Require(issues, FieldRules.Within(request.BusySlots, 0, 64), "busySlots", "0 to 64");
        FieldRules.Require(issues, request.Leases is not { } leases || (leases.Count <= 256 && leases.All(l => l is { LeaseId.Length: > 0 and <= 64 } && (l.Message?.Length ?? 0) <= 512)), "leases", "at most 256, each with a leaseId");
        FieldRules.Require(issues, FieldRules.Within(request.ActiveModelParamSize, 0, 1e15), "activeModelParamSize", "0 or more");
        FieldRules.Require(issues, (request.ActiveModel?.Length ?? 0) <= 200, "activeModel", "at most 200 characters");
        FieldRules.Require(issues, (request.ModelDigest?.Length ?? 0) <= 200, "modelDigest", "at most 200 characters");
        FieldRules.Require(issues, (request.ToolForm?.Length ?? 0) <= 64, "toolForm", "at most 64 characters");
        FieldRules.Require(issues, FieldRules.Within(request.ProvenContext, 0, 1e9), "provenContext", "0 or more");
        FieldRules.Require(issues, FieldRules.Within(request.DecodeTokensPerSecond, 0, 1e6), "decodeTokensPerSecond", "0 or more");
        CheckSandbox(issues, request.SandboxMode, request.SandboxDigest);
        CheckModels(issues, request.Models);
        CheckPower(issues, request.PowerTelemetry);
        return issues;
    }

    private static void CheckSandbox(List<FieldIssue> issues, string? mode, string? digest)
    {
        FieldRules.Require(issues, mode is null || Sandboxes.Contains(mode, StringComparer.Ordinal), "sandboxMode", string.Join(", ", Sandboxes));
        FieldRules.Require(issues, (digest?.Length ?? 0) <= 200, "sandboxDigest", "at most 200 characters");
    }

    private static void CheckModels(List<FieldIssue> issues, IReadOnlyList<AgentModelClaim>? models) => FieldRules.Require(
        issues,
        models is null || (models.Count <= 64 && models.All(m => m is not null && FieldRules.Length(m.ModelId, 1, 200) && (m.Digest?.Length ?? 0) <= 200 && (m.ToolForm?.Length ?? 0) <= 64
            && FieldRules.Within(m.ProvenContext, 0, 1e9) && FieldRules.Within(m.DecodeTokensPerSecond, 0, 1e6))),
        "models",
        "at most 64, each with modelId of 1 to 200 characters and numbers of 0 or more");

    private static void CheckPower(List<FieldIssue> issues, PowerTelemetry? power)
    {
        if (power is null)
        {
            return;
        }

        FieldRules.Require(issues, FieldRules.Within(power.BatteryLevelPct, 0, 100), "powerTelemetry.batteryLevelPct", "0 to 100");
        FieldRules.Require(issues, FieldRules.Within(power.BatteryPct, 0, 100), "powerTelemetry.batteryPct", "0 to 100");
        FieldRules.Require(issues, FieldRules.Within(power.CpuUsagePct, 0, 100), "powerTelemetry.cpuUsagePct", "0 to 100");
        FieldRules.Require(issues, FieldRules.Within(power.MemoryUsagePct, 0, 100), "powerTelemetry.memoryUsagePct", "0 to 100");
        FieldRules.Require(issues, power.ThermalState is null || ThermalStates.Contains(power.ThermalState, StringComparer.Ordinal), "powerTelemetry.thermalState", string.Join(", ", ThermalStates));
        FieldRules.Require(issues, power.DeviceType is null || Devices.Contains(power.DeviceType, StringComparer.Ordinal), "powerTelemetry.deviceType", string.Join(", ", Devices));
    }
}
