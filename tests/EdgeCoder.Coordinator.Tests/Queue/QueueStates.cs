using CsCheck;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Power;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Tests.Queue;

/// <summary>A moment that says what it is told.</summary>
internal sealed class FixedMoment : IQueueMoment
{
    public long NowMs { get; init; } = 1_700_000_000_000;

    public bool Paused { get; init; }

    public bool RequireVerified { get; init; }

    public IReadOnlyList<AgentFacts> Agents { get; init; } = [];

    public Dictionary<string, int> Leases { get; init; } = [];

    public HashSet<string> FullProjects { get; init; } = [];

    public HashSet<string> SpentTasks { get; init; } = [];

    public Dictionary<string, double> Usages { get; init; } = [];

    public int LiveLeases(string agentId) => Leases.GetValueOrDefault(agentId);

    public bool QuotaAllows(SubtaskShape shape) => !FullProjects.Contains(shape.ProjectId);

    public bool BudgetAllows(SubtaskFacts subtask) => !SpentTasks.Contains(subtask.TaskId);

    public bool IsTurn(AgentFacts agent, SubtaskFacts subtask) => true;

    public double Usage(string projectId) => Usages.GetValueOrDefault(projectId);
}

/// <summary>Agents, subtasks and moments of every kind.</summary>
internal static class QueueStates
{
    public const long Now = 1_700_000_000_000;

    /// <summary>An agent that may do everything of account <c>a</c>.</summary>
    public static AgentFacts Worker(string id = "agent-1") => new()
    {
        AgentId = id,
        OwnerAccountId = "a",
        RewardAccountId = "a",
        Tenants = [],
        Status = AgentStatus.Active,
        Verified = true,
        SandboxMode = "namespaces",
        Models = ["qwen:7b"],
        ModelParameters = 7_000_000_000,
        ModelSwapInProgress = false,
        EnvelopeKey = "key",
        Loopback = false,
        Power = new(true, true, "desktop_ac_power"),
        Policy = new(false, 4, 0, 0),
        Cv = 0,
        KeyId = "0123456789abcdef",
        DeclaredSlots = 4,
    };

    /// <summary>Work of account <c>a</c>.</summary>
    public static SubtaskFacts Subtask(string id = "s-1", Func<SubtaskShape, SubtaskShape>? shape = null) => new()
    {
        SubtaskId = id,
        TaskId = "t-" + id,
        QueuedAtMs = Now - 1000,
        Shape = (shape ?? (s => s))(new()
        {
            AccountId = "a",
            ProjectId = "default",
            DataClass = SharedDataClass.Team,
            SandboxNeeded = true,
            ModelRequired = false,
            Small = true,
            Priority = 50,
            ResourceClass = ResourceClass.Cpu,
        }),
    };

    /// <summary>Any agent, most of them able to do something.</summary>
    public static Gen<AgentFacts> Workers(string id) =>
        from status in Gen.Frequency((12, Gen.Const(AgentStatus.Active)), (1, Gen.Enum<AgentStatus>()))
        from flags in Gen.Int[0, 1023]
        from owner in Any("a", "b", "c")
        from models in Any<string[]>([], ["qwen:7b"], ["llama:3b"], ["qwen:7b", "llama:3b"])
        from hours in Gen.Select(Gen.Int[0, 23], Gen.Int[0, 23])
        from slots in Gen.Int[0, 3]
        select Worker(id) with
        {
            Status = status,
            OwnerAccountId = owner,
            Tenants = (flags & 1) == 0 ? [] : ["tenant"],
            Verified = (flags & 2) != 0,
            OfPeer = (flags & 0b1100) == 0b1100,
            SandboxMode = (flags & 16) == 0 ? "none" : "namespaces",
            Models = models,
            ModelSwapInProgress = (flags & 0b1100000) == 0b1100000,
            EnvelopeKey = (flags & 0b10000000) == 0 ? null : "key",
            Loopback = (flags & 0b100000000) != 0,
            Power = (flags % 7) switch { 0 => new(false, false, "thermal_throttle"), 1 => new(true, true, "high_cpu_defer", 5000), 2 => new(true, false, "laptop_battery_low", null, true), _ => new(true, true, "desktop_ac_power") },
            Policy = new((flags & 0b1000000000) != 0, 3, flags % 3 == 0 ? hours.Item1 : 0, flags % 3 == 0 ? hours.Item2 : 0),
            CpuUsagePct = (flags % 5) switch { 0 => null, 1 => 60, _ => 5 },
            DeclaredSlots = slots,
        };

    /// <summary>Any subtask.</summary>
    public static Gen<SubtaskFacts> Subtasks(string id) =>
        from flags in Gen.Int[0, 1023]
        from account in Any("a", "b")
        from project in Any("default", "other")
        from priority in Any(0, 50, 51, 100)
        from waited in Any(0L, 1000, 29_999, 30_000, 60_000, 900_000)
        from model in Any<string?>(null, "qwen", "llama:3b", "absent")
        from failed in Any<string[]>([], [], ["agent-0"], ["agent-0", "agent-1"])
        select Subtask(id, s => s with
        {
            AccountId = account,
            ProjectId = project,
            TenantId = (flags & 1) == 0 ? null : "tenant",
            DataClass = (flags & 2) == 0 ? SharedDataClass.Team : SharedDataClass.Mesh,
            SandboxNeeded = (flags & 4) != 0,
            RequestedModel = model,
            ModelRequired = (flags & 8) != 0,
            Small = (flags & 16) != 0,
            Priority = priority,
            Purpose = (flags & 0b11100000) == 0b11100000 ? LeasePurpose.Audit : LeasePurpose.Work,
            Conflicts = (flags & 0b11100000) == 0b11100000 ? "a\nb" : null,
        }) with
        {
            QueuedAtMs = Now - waited,
            NotBeforeMs = (flags & 0b1100000000) == 0b1100000000 ? Now + 1 : 0,
            FailedBy = failed,
            BaselineWaits = flags % 11 == 0,
        };

    /// <summary>A coordinator with agents and waiting work.</summary>
    public static Gen<(FixedMoment Moment, SubtaskFacts[] Work)> States() =>
        from agents in Gen.Int[1, 4].SelectMany(n => Sequence([.. Enumerable.Range(0, n).Select(i => Workers($"agent-{i}"))]))
        from work in Gen.Int[0, 8].SelectMany(n => Sequence([.. Enumerable.Range(0, n).Select(i => Subtasks($"s-{i}"))]))
        from leases in Gen.Int[0, 3].Array[agents.Length]
        from flags in Gen.Int[0, 255]
        from usage in Gen.Double[0, 30]
        select (new FixedMoment
        {
            NowMs = Now,
            Paused = flags % 31 == 0,
            RequireVerified = flags % 5 == 0,
            Agents = agents,
            Leases = agents.Select((a, i) => (a.AgentId, leases[i])).ToDictionary(),
            FullProjects = flags % 6 == 0 ? ["other"] : [],
            SpentTasks = flags % 4 == 0 ? ["t-s-0", "t-s-3"] : [],
            Usages = new() { ["default"] = usage },
        }, work);

    private static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static Gen<T[]> Sequence<T>(Gen<T>[] gens) =>
        gens.Aggregate(Gen.Const(Array.Empty<T>()), (all, gen) => Gen.Select(all, gen, (head, last) => (T[])[.. head, last]));
}
