using EdgeCoder.Agent.Calls;
using EdgeCoder.Inference.Providers;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Completions;

/// <summary>The answer to a chat request, in the way that its model can give it (agent-executor-models 2.4, 6.3).</summary>
internal static class ChatAnswer
{
    /// <summary>
    /// Its pieces, the end last. 1. With tools, in the form that the model knows: its own calls, constrained JSON, or marked text. 2. JSON: constrained, or
    /// checked with one repair. 3. Text.
    /// </summary>
    public static IAsyncEnumerable<AnswerPiece> AskAsync(OpenedModel model, ChatCompletionRequest request, CancellationToken cancellationToken) =>
        AskAsync(model, request, form: null, cancellationToken);

    /// <summary>The same, in this form of tool calls.</summary>
    public static IAsyncEnumerable<AnswerPiece> AskAsync(OpenedModel model, ChatCompletionRequest request, CallForm? form, CancellationToken cancellationToken)
    {
        var options = ModelPrompt.Options(request, model);
        if (model.IsDemonstration && (request.Tools.Count > 0 || request.Shape != AnswerShape.Text))
        {
            throw ApiFault.Unsupported(request.Tools.Count > 0 ? "tools" : "response_format", $"the demonstration model cannot do this; get a real one: {ModelHub.GetAModel}");
        }

        if (request.Tools.Count > 0)
        {
            return (form ?? ToolForms.Of(model, request)) switch
            {
                CallForm.Native => NativeAnswer.AskAsync(model, request, options, cancellationToken),
                CallForm.Json => JsonFormAnswer.AskAsync(model, request, options, cancellationToken),
                _ => TextFormAnswer.AskAsync(model, request, options, cancellationToken),
            };
        }

        var messages = ModelPrompt.Messages(request, model);
        return request.Shape == AnswerShape.Text
            ? ModelAnswer.AskAsync(model, messages, options, cancellationToken)
            : ShapedAnswer.AskAsync(model, messages, options, request, cancellationToken);
    }
}
