using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Portal.Pages;

/// <summary>A line of the list of reviews.</summary>
/// <param name="Task">The task.</param>
/// <param name="Decision">What was decided; null before.</param>
public sealed record ReviewLine(TaskView Task, string? Decision);

/// <summary>A decision as its page shows it.</summary>
/// <param name="Decision">accepted, rejected or edited.</param>
/// <param name="AtMs">When.</param>
/// <param name="Note">Why.</param>
/// <param name="EditedCode">What the person wrote.</param>
/// <param name="NextTaskId">Task that was begun again.</param>
/// <param name="Before">SHA-256 of what was reviewed.</param>
/// <param name="After">SHA-256 of what is kept.</param>
public sealed record DecidedReview(string Decision, long AtMs, string? Note, string? EditedCode, string? NextTaskId, string Before, string? After);
