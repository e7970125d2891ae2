using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Providers;

/// <summary>Which options of a call a provider can pass on. One that it cannot is refused, never dropped.</summary>
[Flags]
internal enum ChatOptionKinds
{
    None = 0,
    TopK = 1,
    ToolMode = 2,
    ParallelTools = 4,
    Reasoning = 8,
}

/// <summary>Checks the options of a call.</summary>
internal static class ChatOptionRules
{
    /// <summary>Throws <c>unsupported_option</c> that names every option which would be lost. Those that all providers pass on are not listed here.</summary>
    public static void Check(ChatOptions options, ChatOptionKinds supported, string modelId)
    {
        var lost = new List<string>();
        Note(options.TopK is not null && !supported.HasFlag(ChatOptionKinds.TopK), nameof(options.TopK));
        Note(options.ToolMode is not (null or AutoChatToolMode) && !supported.HasFlag(ChatOptionKinds.ToolMode), nameof(options.ToolMode));
        Note(options.AllowMultipleToolCalls is not null && !supported.HasFlag(ChatOptionKinds.ParallelTools), nameof(options.AllowMultipleToolCalls));
        Note(options.Reasoning is not null && !supported.HasFlag(ChatOptionKinds.Reasoning), nameof(options.Reasoning));
        Note(options.ConversationId is not null, nameof(options.ConversationId));
        Note(options.AdditionalProperties is { Count: > 0 }, nameof(options.AdditionalProperties));
        Note(options.RawRepresentationFactory is not null, nameof(options.RawRepresentationFactory));
        Note(options.ModelId is not null && options.ModelId != modelId, nameof(options.ModelId));
        if (lost.Count > 0)
        {
            throw new ModelException("unsupported_option", $"Model {modelId} cannot be asked with {string.Join(", ", lost)}.", "Leave it out, or use another provider.");
        }

        void Note(bool isLost, string name)
        {
            if (isLost)
            {
                lost.Add(name);
            }
        }
    }
}
