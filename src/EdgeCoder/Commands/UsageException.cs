namespace EdgeCoder.Commands;

/// <summary>The command line or one of its inputs is wrong. Ends the command with <see cref="Exit"/> and the message.</summary>
internal sealed class UsageException(string code, string message, string? hint = null) : Exception(message)
{
    /// <summary>Stable code for <c>--json</c>.</summary>
    public string Code { get; } = code;

    /// <summary>Exit code; settings of a role that is started end with 1 (environment.md 1).</summary>
    public ExitCode Exit { get; init; } = ExitCode.Usage;

    /// <summary>What to do next.</summary>
    public string? Hint { get; } = hint;
}
