using System.Text.Json.Serialization;

namespace EdgeCoder.Agent.Workers;

/// <summary>What a worker is doing, for whoever watches it. Ids and counts, never prompts or code.</summary>
public sealed record WorkerEvent
{
    /// <summary>One of <see cref="WorkerEventTypes"/>.</summary>
    public required string Type { get; init; }

    /// <summary>When.</summary>
    public required long AtMs { get; init; }

    /// <summary>For a person.</summary>
    public required string Message { get; init; }

    /// <summary>Stable code, where there is one.</summary>
    public string? Code { get; init; }

    /// <summary>Lease.</summary>
    public string? LeaseId { get; init; }

    /// <summary>Subtask.</summary>
    public string? SubtaskId { get; init; }
}

/// <summary>Types of <see cref="WorkerEvent"/>.</summary>
public static class WorkerEventTypes
{
    /// <summary>A coordinator proved itself.</summary>
    public const string Coordinator = "coordinator";

    /// <summary>The coordinator is looked for, or lost.</summary>
    public const string Searching = "searching";

    /// <summary>Registered; waits for approval or is active.</summary>
    public const string Status = "status";

    /// <summary>No lease now, and why.</summary>
    public const string Waiting = "waiting";

    /// <summary>A lease was granted.</summary>
    public const string Lease = "lease";

    /// <summary>A step of an attempt.</summary>
    public const string Progress = "progress";

    /// <summary>A lease was given back or taken away.</summary>
    public const string LeaseEnded = "lease_ended";

    /// <summary>A report was signed and stored.</summary>
    public const string Signed = "signed";

    /// <summary>A report was taken, refused for good, or must wait.</summary>
    public const string Result = "result";

    /// <summary>Something a person should know.</summary>
    public const string Notice = "notice";

    /// <summary>The worker stops.</summary>
    public const string Stopping = "stopping";
}

/// <summary>How events are written for programs.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WorkerEvent))]
public sealed partial class WorkerJson : JsonSerializerContext;
