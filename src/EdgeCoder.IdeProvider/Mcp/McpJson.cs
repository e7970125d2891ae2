using System.Text.Json.Serialization;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.IdeProvider.Mcp;

/// <summary>Models.</summary>
internal sealed record McpModelList(IReadOnlyList<McpModel> Models);

/// <summary>Events of a task.</summary>
/// <param name="Events">In order.</param>
/// <param name="Last">Sequence number to go on after.</param>
/// <param name="Ended">Whether the task has ended.</param>
internal sealed record McpTaskEvents(IReadOnlyList<TaskEvent> Events, long Last, bool Ended);

/// <summary>Whether a document is what it says.</summary>
/// <param name="Valid">Whether the key signed these bytes.</param>
/// <param name="Fault">Why not.</param>
/// <param name="Verdict">What a verdict says, when it is valid.</param>
/// <param name="Checks">The checks of a receipt that passed, in their order.</param>
/// <param name="Record">What a receipt says, when it is valid.</param>
internal sealed record McpVerification(bool Valid, string? Fault, Verdict? Verdict = null, IReadOnlyList<string>? Checks = null, OrderingRecord? Record = null);

/// <summary>JSON of what only this surface says.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(McpModelList))]
[JsonSerializable(typeof(McpTaskEvents))]
[JsonSerializable(typeof(McpVerification))]
[JsonSerializable(typeof(LedgerFault))]
[JsonSerializable(typeof(IReadOnlyList<SessionSummary>))]
internal sealed partial class McpJson : JsonSerializerContext;
