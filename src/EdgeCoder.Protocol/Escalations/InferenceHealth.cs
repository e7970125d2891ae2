namespace EdgeCoder.Protocol.Escalations;

/// <summary>Answer of <c>GET /health</c> of the inference service: nothing that is worth a credential.</summary>
/// <param name="Ok">Always true: it answers.</param>
/// <param name="Role"><c>inference</c>.</param>
/// <param name="UptimeSeconds">Since the start.</param>
/// <param name="EscalateTimeoutMs">What a caller of <c>/escalate</c> should wait at least, by what escalations took here; absent before the first.</param>
public sealed record InferenceHealth(bool Ok, string Role, long UptimeSeconds, long? EscalateTimeoutMs);
