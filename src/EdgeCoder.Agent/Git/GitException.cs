namespace EdgeCoder.Agent.Git;

/// <summary>Git could not do what it was asked to.</summary>
/// <param name="code">Stable code: <c>git_missing</c>, <c>git_failed</c>, <c>git_timeout</c>, <c>git_output_limit</c>, <c>sandbox_unavailable</c>, <c>repository_unsupported</c>, <c>bare_repository</c>.</param>
/// <param name="message">What is wrong.</param>
/// <param name="hint">What to do next.</param>
internal sealed class GitException(string code, string message, string? hint = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Stable code.</summary>
    public string Code { get; } = code;

    /// <summary>What to do next.</summary>
    public string? Hint { get; } = hint;
}
