using EdgeCoder.Executor.Isolation.Entry;

namespace EdgeCoder.Executor.Commands.Canaries;

/// <summary>One thing that must fail in the sandbox, as a program of system calls: the first call that fails ends it with a code of its own.</summary>
/// <param name="Name">What it tries, for people.</param>
/// <param name="Image">The program.</param>
/// <param name="Expected">What must come of it.</param>
internal sealed record Canary(string Name, byte[] Image, CanaryExpectation Expected)
{
    /// <summary>Whether an outcome is what must come of it. Anything else is no proof: neither a crash nor a sandbox that did not start.</summary>
    public bool IsContained(CommandOutcome outcome) => Expected switch
    {
        CanaryExpectation.Works => outcome is { End: CommandEnd.Exited, ExitCode: 0 },
        CanaryExpectation.IsEnded => outcome.End == CommandEnd.TimedOut,
        _ => outcome.End == CommandEnd.Exited && outcome.ExitCode >= EntryAssembler.FirstFailureCode,
    };
}

/// <summary>What must come of a canary.</summary>
internal enum CanaryExpectation
{
    /// <summary>The kernel refuses a call.</summary>
    IsRefused,

    /// <summary>Every call succeeds: what shows that the others could.</summary>
    Works,

    /// <summary>The time limit ends it.</summary>
    IsEnded,
}
