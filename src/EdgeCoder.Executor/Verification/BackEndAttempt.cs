using EdgeCoder.Executor.Isolation;

namespace EdgeCoder.Executor.Verification;

/// <summary>What came of one back-end for one language.</summary>
/// <param name="BackEnd">The back-end.</param>
/// <param name="Refusal">Why it is not used; null when it works.</param>
/// <param name="Canaries">What the self-test saw; empty when its result was remembered or there was nothing to test.</param>
internal sealed record BackEndAttempt(BackEnd BackEnd, SandboxRefusal? Refusal, IReadOnlyList<CanaryReport> Canaries);
