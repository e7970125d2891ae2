using EdgeCoder.Agent.Calls;
using EdgeCoder.Inference.Providers;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Completions;

/// <summary>A request as a model with tool calls of its own is asked: nothing of the client's is changed.</summary>
internal static class ModelPrompt
{
    /// <summary>Said to a model when the client says nothing of the kind: at most 200 tokens.</summary>
    public const string SystemText =
        "You are a programming assistant. Answer what is asked, briefly and precisely. Put code into fenced blocks that name their language. "
        + "Say so when you are not sure or when something is missing; never invent names of functions, options or files.";

    /// <summary>The conversation in the provider's own form; earlier calls of tools as text where it has none.</summary>
    public static IReadOnlyList<ChatMessage> Messages(ChatCompletionRequest request, OpenedModel model) =>
        [.. Leading(request, model), .. model.CallsTools ? request.Messages.Select(Native) : FormPrompt.Rest(request.Messages, CallForm.Text)];

    /// <summary>Our own system text where the client has none. The demonstration model knows no system messages.</summary>
    public static IEnumerable<ChatMessage> Leading(ChatCompletionRequest request, OpenedModel model) =>
        model.IsDemonstration || request.Messages.Any(message => message.Role == "system") ? [] : [new(ChatRole.System, SystemText)];

    /// <summary>Options that say how is drawn and where is stopped.</summary>
    public static ChatOptions Options(ChatCompletionRequest request, OpenedModel model)
    {
        if (model.Identity.Provider == ProviderKinds.Local)
        {
            RefusePenalty(request.FrequencyPenalty, "frequency_penalty", model);
            RefusePenalty(request.PresencePenalty, "presence_penalty", model);
        }

        return new()
        {
            Temperature = request.Temperature,
            TopP = request.TopP is 0 ? float.Epsilon : request.TopP,
            FrequencyPenalty = request.FrequencyPenalty is 0 ? null : request.FrequencyPenalty,
            PresencePenalty = request.PresencePenalty is 0 ? null : request.PresencePenalty,
            MaxOutputTokens = request.MaxTokens,
            Seed = request.Seed,
            StopSequences = request.Stop.Count == 0 ? null : [.. request.Stop],
        };
    }

    private static void RefusePenalty(float? penalty, string name, OpenedModel model)
    {
        if (penalty is not (null or 0))
        {
            throw ApiFault.Unsupported(name, $"{model.Identity.Id} runs here and cannot be drawn with it");
        }
    }

    private static ChatMessage Native(ConversationMessage message) => message.Role switch
    {
        "system" => new(ChatRole.System, message.Text),
        "user" => new(ChatRole.User, message.Text),
        "tool" => new(ChatRole.Tool, [new FunctionResultContent(message.CallId!, message.Text)]),
        _ => new(ChatRole.Assistant, Said(message)),
    };

    private static List<AIContent> Said(ConversationMessage message)
    {
        List<AIContent> contents = message.Text.Length > 0 || message.Calls.Count == 0 ? [new TextContent(message.Text)] : [];
        contents.AddRange(message.Calls.Select(call => NativeCalls.Content(call.Id, call.Tool, call.Arguments)));
        return contents;
    }
}
