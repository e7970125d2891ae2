using System.Text.Json.Serialization;

namespace EdgeCoder.Protocol.Tasks;

/// <summary>Where a task is (ARCHITECTURE 4).</summary>
[JsonConverter(typeof(SnakeCaseEnum<TaskState>))]
public enum TaskState
{
    /// <summary>Stored; not planned yet.</summary>
    Submitted,

    /// <summary>Its subtasks exist; none was leased yet.</summary>
    Planned,

    /// <summary>A subtask was leased.</summary>
    Running,

    /// <summary>Every subtask was accepted. Final.</summary>
    Completed,

    /// <summary>Final.</summary>
    Failed,

    /// <summary>Final.</summary>
    Cancelled,

    /// <summary>A subtask used up its attempts; the waterfall or a person has it.</summary>
    Escalated,
}

/// <summary>Where a subtask is (coordinator-and-mesh 4.2).</summary>
[JsonConverter(typeof(SnakeCaseEnum<SubtaskState>))]
public enum SubtaskState
{
    /// <summary>A dependency is not accepted yet.</summary>
    Blocked,

    /// <summary>Waits for an agent.</summary>
    Queued,

    /// <summary>An agent has it.</summary>
    Leased,

    /// <summary>A result is stored.</summary>
    Reported,

    /// <summary>A verifier runs it again.</summary>
    Verifying,

    /// <summary>Final, save an overturning audit.</summary>
    Accepted,

    /// <summary>Final: no attempts are left.</summary>
    Rejected,

    /// <summary>Final.</summary>
    Cancelled,
}

/// <summary>What kind of work a subtask is.</summary>
[JsonConverter(typeof(SnakeCaseEnum<SubtaskKind>))]
public enum SubtaskKind
{
    /// <summary>A snippet and its tests, in the loop.</summary>
    MicroLoop,

    /// <summary>Text, one answer; cannot be run again.</summary>
    SingleStep,

    /// <summary>A patch of a snapshot.</summary>
    RepoChange,
}

/// <summary>How a task becomes subtasks.</summary>
[JsonConverter(typeof(SnakeCaseEnum<TaskPlan>))]
public enum TaskPlan
{
    /// <summary>The inference role decomposes it.</summary>
    Auto,

    /// <summary>One subtask: the task itself.</summary>
    Single,

    /// <summary>The submitter gave them.</summary>
    Given,
}

/// <summary>Where the work may run. There is no value for <c>local</c>: such work never comes here.</summary>
[JsonConverter(typeof(SnakeCaseEnum<SharedDataClass>))]
public enum SharedDataClass
{
    /// <summary>Agents of the submitter's account or tenant.</summary>
    Team,

    /// <summary>Any approved agent.</summary>
    Mesh,
}

/// <summary>What a subtask needs of a machine; prices differ.</summary>
[JsonConverter(typeof(SnakeCaseEnum<ResourceClass>))]
public enum ResourceClass
{
    /// <summary>1 credit for a second.</summary>
    Cpu,

    /// <summary>4 credits for a second.</summary>
    Gpu,
}
