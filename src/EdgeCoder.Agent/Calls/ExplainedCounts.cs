namespace EdgeCoder.Agent.Calls;

/// <summary>A model whose tokenizer may be gone with its process: counting then fails as a call does, with a reason, and is no unhandled error (agent-executor-models 1.6).</summary>
internal static class ExplainedCounts
{
    /// <summary>The model; its counter throws <see cref="ModelCallException"/> for every fault but a cancellation.</summary>
    public static AgentModel Of(AgentModel model) => model with { CountTokens = (text, cancellationToken) => CountAsync(model, text, cancellationToken) };

    private static async ValueTask<int> CountAsync(AgentModel model, string text, CancellationToken cancellationToken)
    {
        try
        {
            return await model.CountTokens(text, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested && fault is not ModelCallException)
        {
            throw new ModelCallException(ModelCall.Explain(model, fault), fault);
        }
    }
}
