using EdgeCoder.IdeProvider.Problems;

namespace EdgeCoder.IdeProvider.Relaying;

/// <summary>Whether a server read the whole prompt (agent-executor-models 4.3): a reported count below ours, less what was still there, means that it was cut.</summary>
internal static class PromptCheck
{
    private const int SlackTokens = 32;
    private const int JoinedTokens = 2;

    /// <summary>The error; null when the count is honest or nothing is to be checked here.</summary>
    public static OpenAIError? Truncated(RelayCall call, AnswerUsage usage)
    {
        if (call.CheckWith is not { } estimate || usage.Prompt == 0)
        {
            return null; // A server that reports nothing was judged by its preflight.
        }

        var least = (long)(estimate.Middle(call.Body.Shape) * (1 - call.Tolerance)) - (call.Body.Messages * JoinedTokens) - SlackTokens;
        return usage.Prompt >= least - usage.Cached
            ? null
            : new(502, "context_truncated", $"{call.Upstream} read {usage.Prompt} tokens of a prompt that has at least {least}: it cut the prompt. The answer was thrown away. Measure its window anew: edgecoder models preflight {call.Marks.Model}");
    }
}
