namespace EdgeCoder.Agent.Rechecks;

/// <summary>Why a check reaches no worker.</summary>
internal static class BaselineFailures
{
    /// <summary>It passes on the untouched input, so it proves nothing.</summary>
    public const string AlreadyPasses = "acceptance_check_already_passes";

    /// <summary>Two runs of the same input disagree.</summary>
    public const string Flaky = "acceptance_check_flaky";

    /// <summary>No verifier of this version can run it, or it does not parse.</summary>
    public const string Unsupported = "acceptance_check_unsupported";

    /// <summary>The snapshot or a file of the check is not stored here, or is not what its hash says.</summary>
    public const string InputMissing = "snapshot_unavailable";
}

/// <summary>What a check did on untouched input (coordinator-and-mesh 5.1).</summary>
/// <param name="Failure">One of <see cref="BaselineFailures"/>; null when the check may be used.</param>
/// <param name="TestsSeen">Tests that ran.</param>
/// <param name="Log">For the submitter.</param>
/// <param name="Unavailable">Whether nothing ran because there is no sandbox here: then nothing is decided.</param>
internal sealed record BaselineFinding(string? Failure, int TestsSeen, string Log, bool Unavailable = false)
{
    /// <summary>Judges two runs: pure.</summary>
    public static BaselineFinding Of(CheckRun first, CheckRun second, bool mayPass) =>
        first.End == CheckRunEnd.Unavailable || second.End == CheckRunEnd.Unavailable ? new(null, 0, first.Log, Unavailable: true)
        : first.CheckIsBroken ? new(BaselineFailures.Unsupported, 0, first.Log)
        : !first.AgreesWith(second) ? new(BaselineFailures.Flaky, 0, first.Log)
        : first.End == CheckRunEnd.Passed && !mayPass ? new(BaselineFailures.AlreadyPasses, first.TestsRun, first.Log)
        : new(null, first.TestsRun, first.Log);
}
