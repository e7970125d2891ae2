using System.Text.Json.Serialization;

namespace EdgeCoder.Coordinator.Diagnostics;

/// <summary>Body of <c>POST /agent/diagnostics</c>.</summary>
internal sealed record DiagnosticsRequest(string? AgentId, IReadOnlyList<DiagnosticEvent>? Events, string? Source, string? RuntimeState, string? ModelState);

/// <summary>One event.</summary>
internal sealed record DiagnosticEvent(long? EventAtMs, string? Message);

/// <summary>Its answer.</summary>
internal sealed record DiagnosticsStored(bool Ok, int Stored);

/// <summary>Answer of <c>GET /agent/diagnostics/{agentId}</c>, newest first.</summary>
internal sealed record DiagnosticsAnswer(bool Ok, string AgentId, IReadOnlyList<DiagnosticView> Events, int Count, long? LatestEventAtMs);

/// <summary>An event as it is shown.</summary>
internal sealed record DiagnosticView(long EventAtMs, string Message, string? Source, string? RuntimeState, string? ModelState);

/// <summary>Messages of diagnostics.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(DiagnosticsRequest))]
[JsonSerializable(typeof(DiagnosticsStored))]
[JsonSerializable(typeof(DiagnosticsAnswer))]
internal sealed partial class DiagnosticJson : JsonSerializerContext;
