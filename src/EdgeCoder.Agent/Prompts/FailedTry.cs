namespace EdgeCoder.Agent.Prompts;

/// <summary>A try that was run and failed.</summary>
/// <param name="Code">What was run.</param>
/// <param name="Feedback">What was observed.</param>
/// <param name="AttemptsLeft">Tries that are left, the coming one included.</param>
internal sealed record FailedTry(string Code, string Feedback, int AttemptsLeft);
