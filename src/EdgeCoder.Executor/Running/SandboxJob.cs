namespace EdgeCoder.Executor.Running;

/// <summary>One program to be run in a sandbox: what it is, what it is told, and when it is ended.</summary>
internal sealed record SandboxJob
{
    /// <summary>Wall time of everything before the program's own code runs.</summary>
    public static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);

    /// <summary>Limits of the run.</summary>
    public required LimitPlan Limits { get; init; }

    /// <summary>The frame for the runner.</summary>
    public required byte[] Frame { get; init; }

    /// <summary>Makes the same frame with the order to try the canaries first; null for what is no program of a caller.</summary>
    public Func<byte[]>? CanaryFrame { get; init; }

    /// <summary>Key of the report channel.</summary>
    public required string Key { get; init; }

    /// <summary>Standard input; null means that it is empty.</summary>
    public byte[]? Stdin { get; init; }
}
