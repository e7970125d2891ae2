using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Protocol.Tasks;

/// <summary>Body of <c>POST /tasks/{id}/check</c>: something to run against the frozen check of a task, without any effect on the task.</summary>
/// <param name="SubtaskId">Which one's check; may be absent where the task has one.</param>
/// <param name="Output">Code.</param>
/// <param name="PatchDigest">For a change of a project: the blob with the patch.</param>
public sealed record CheckRequest(string? SubtaskId, string? Output, string? PatchDigest);

/// <summary>What running it gave.</summary>
/// <param name="Verdict">Outcome; inconclusive where there is no check, or no verifier.</param>
/// <param name="ReasonCode">Why.</param>
/// <param name="TestsRun">Tests that ran.</param>
/// <param name="TestsPassed">Tests that passed.</param>
public sealed record CheckAnswer(VerdictKind Verdict, string ReasonCode, int TestsRun, int TestsPassed);

/// <summary>An event of <c>GET /tasks/-/events</c>: one of a task, with the task that it is of. (TaskId, Sequence) names it; after a reconnection it may come again.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Sequence">Its number in that task.</param>
/// <param name="Type">Type.</param>
/// <param name="AtMs">When.</param>
/// <param name="Data">What.</param>
public sealed record AccountTaskEvent(string TaskId, long Sequence, string Type, long AtMs, System.Text.Json.JsonElement Data);
