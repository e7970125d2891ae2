namespace EdgeCoder.Agent.Workers;

/// <summary>The worker cannot go on without a person.</summary>
/// <param name="code">Stable code.</param>
/// <param name="message">What is wrong.</param>
/// <param name="hint">What to do next.</param>
public sealed class WorkerException(string code, string message, string hint) : Exception(message)
{
    /// <summary>Stable code.</summary>
    public string Code { get; } = code;

    /// <summary>What to do next.</summary>
    public string Hint { get; } = hint;
}
