namespace EdgeCoder.Agent.Calls;

/// <summary>Why a model cannot serve: a stable code, a message for a person, and what to do next.</summary>
public sealed record ModelFailure(string Code, string Message, string? Hint = null)
{
    /// <summary>The model or its server is gone.</summary>
    public const string Unavailable = "model_unavailable";

    /// <summary>Prompt and answer do not fit into the window.</summary>
    public const string ContextLength = "context_length_exceeded";

    /// <summary>The demonstration model refused.</summary>
    public const string OutsideDemonstration = "outside_demonstration_range";
}
