using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Portal.Pages;

/// <summary>What the page of a task shows. What is null is not there yet, or unknown when it is named in <see cref="Unavailable"/>.</summary>
public sealed record TaskPageModel
{
    /// <summary>The task.</summary>
    public required TaskView Task { get; init; }

    /// <summary>Why it waits.</summary>
    public required TaskExplanation? Explain { get; init; }

    /// <summary>Its end.</summary>
    public required TaskResult? Result { get; init; }

    /// <summary>Patch of a change of a project.</summary>
    public required string? Patch { get; init; }

    /// <summary>Receipts that can be proven now.</summary>
    public required int? Receipts { get; init; }

    /// <summary>What the person decided in the review.</summary>
    public required string? Decision { get; init; }

    /// <summary>Whether operators may read it to help.</summary>
    public required bool OperatorsMayHelp { get; init; }

    /// <summary>Parts that could not be read.</summary>
    public required IReadOnlyList<string> Unavailable { get; init; }

    /// <summary>Whether nothing changes any more.</summary>
    public bool Final => Task.State is TaskState.Completed or TaskState.Failed or TaskState.Cancelled;
}
