namespace EdgeCoder.Agent.Repositories;

/// <summary>Repository work cannot begin or go on; nothing was changed.</summary>
/// <param name="code">Stable code, for instance <c>root_not_trusted</c>, <c>bare_repository</c>, <c>window_too_small</c>, <c>sandbox_unavailable</c>.</param>
/// <param name="message">What is wrong.</param>
/// <param name="hint">What to do next.</param>
/// <param name="inner">The cause, where there is one.</param>
public sealed class RepositoryException(string code, string message, string? hint = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Stable code.</summary>
    public string Code { get; } = code;

    /// <summary>What to do next.</summary>
    public string? Hint { get; } = hint;
}
