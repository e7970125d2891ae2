using EdgeCoder.Agent.Calls;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Completions;

/// <summary>In which form a model is asked for calls of the client's tools.</summary>
internal static class ToolForms
{
    /// <summary>The model's own calls where it has them and the request's choice can be told to its provider; else JSON held to a schema; else text.</summary>
    public static CallForm Of(OpenedModel model, ChatCompletionRequest request) =>
        model.CallsTools && (request.ToolUse == ToolUse.Auto || TakesChoice(model) || !model.ObeysJsonSchema) ? CallForm.Native
        : model.ObeysJsonSchema ? CallForm.Json
        : CallForm.Text;

    /// <summary>Whether its provider passes <c>tool_choice</c> and <c>parallel_tool_calls</c> on.</summary>
    public static bool TakesChoice(OpenedModel model) => model.Identity.Provider == ProviderKinds.OpenAICompatible;
}
