namespace EdgeCoder.Commands;

/// <summary>The command line or one of its inputs is wrong. Ends the command with <see cref="ExitCode.Usage"/> and the message.</summary>
internal sealed class UsageException(string code, string message, string? hint = null) : Exception(message)
{
    /// <summary>Stable code for <c>--json</c>.</summary>
    public string Code { get; } = code;

    /// <summary>What to do next.</summary>
    public string? Hint { get; } = hint;
}
