namespace EdgeCoder.Executor.Isolation;

/// <summary>Why code cannot be run here, and the exact remedy.</summary>
/// <param name="Reason">One sentence.</param>
/// <param name="Remedy">A command or a change; absent when there is none.</param>
internal sealed record SandboxRefusal(string Reason, string? Remedy)
{
    /// <summary>Both, for a person.</summary>
    public string Message => Remedy is null ? Reason : $"{Reason}. To fix it: {Remedy}";
}
