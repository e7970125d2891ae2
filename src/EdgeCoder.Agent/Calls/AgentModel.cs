using EdgeCoder.Protocol.Sessions;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Agent.Calls;

/// <summary>The model that a session works with. It is fixed for the session: nothing another session does changes it.</summary>
public sealed record AgentModel
{
    /// <summary>Answers. The caller owns it and closes it after the session.</summary>
    public required IChatClient Client { get; init; }

    /// <summary>Who answers; goes into every record.</summary>
    public required ModelIdentity Identity { get; init; }

    /// <summary>Context window, in tokens, that may be used for prompt and answer together.</summary>
    public required int Window { get; init; }

    /// <summary>Counts tokens exactly, or gives an upper estimate.</summary>
    public required Func<string, CancellationToken, ValueTask<int>> CountTokens { get; init; }

    /// <summary>Whether prompts stay on this machine. Work of class <c>local</c> is refused to any other model.</summary>
    public required bool OnThisMachine { get; init; }

    /// <summary>Whether this is the small demonstration model: one-line prompts, no system message, a trained refusal.</summary>
    public bool IsDemonstration { get; init; }

    /// <summary>Whether the provider obeys a JSON schema for the answer; plans are then constrained.</summary>
    public bool ObeysJsonSchema { get; init; }

    /// <summary>Whether the provider takes tools and answers with tool calls of its own form. Else calls are constrained JSON, else marked text.</summary>
    public bool CallsTools { get; init; }

    /// <summary>
    /// Explains an exception of <see cref="Client"/>, or gives null when it does not know it.
    /// What nobody explains is <c>model_unavailable</c>.
    /// </summary>
    public Func<Exception, ModelFailure?>? ExplainFailure { get; init; }
}
