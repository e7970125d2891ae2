namespace EdgeCoder.Agent.Calls;

/// <summary>A tool call in a reply, before it is checked.</summary>
/// <param name="Tool">The name that the model used; empty when there was none.</param>
/// <param name="Arguments">The arguments as JSON text, repaired where that is safe.</param>
/// <param name="Fault">Why it cannot be read, with the shape that is expected; null when it can.</param>
internal sealed record RequestedCall(string Tool, string Arguments, string? Fault = null);
