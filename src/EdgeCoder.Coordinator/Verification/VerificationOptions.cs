namespace EdgeCoder.Coordinator.Verification;

/// <summary>Options of the verifier pool.</summary>
internal sealed record VerificationOptions
{
    /// <summary>Results that are run again at once. Default: one for each processor. 0: this process verifies nothing.</summary>
    public int Slots { get; init; } = Environment.ProcessorCount;

    /// <summary>Between renewals of a claim. Default 10 s; longer than the claim lives means that work is done twice.</summary>
    public TimeSpan Renewal { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time beyond both runs of a check for unpacking, applying and reading. Default 2 min; then the verdict is <c>verifier_timeout</c>.</summary>
    public TimeSpan Overhead { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Pause after a failure of the queue or the sandbox. Default 5 s.</summary>
    public TimeSpan BackOff { get; init; } = TimeSpan.FromSeconds(5);
}
