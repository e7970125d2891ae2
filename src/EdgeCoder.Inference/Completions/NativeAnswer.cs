using System.Runtime.CompilerServices;
using EdgeCoder.Inference.Providers;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Completions;

/// <summary>An answer of a model that calls tools in its provider's own form.</summary>
internal static class NativeAnswer
{
    /// <summary>Its pieces.</summary>
    public static async IAsyncEnumerable<AnswerPiece> AskAsync(
        OpenedModel model, ChatCompletionRequest request, ChatOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        options.Tools = [.. request.Tools.Select(tool => AIFunctionFactory.CreateDeclaration(tool.Name, tool.Description, tool.Parameters))];
        options.ToolMode = request.ToolUse switch
        {
            ToolUse.Required => ChatToolMode.RequireAny,
            ToolUse.Named => ChatToolMode.RequireSpecific(request.NamedTool!),
            _ => null,
        };
        options.AllowMultipleToolCalls = ToolForms.TakesChoice(model) ? request.ParallelTools : null;
        if (request.Shape != AnswerShape.Text)
        {
            options.ResponseFormat = ShapedAnswer.Format(request);
        }

        var calls = 0;
        await foreach (var piece in ModelAnswer.AskAsync(model, ModelPrompt.Messages(request, model), options, cancellationToken).ConfigureAwait(false))
        {
            // Where the provider cannot be told, the client still gets one call at a time; the model asks again for the rest.
            if (piece.Call is null || request.ParallelTools is not false || calls++ == 0)
            {
                yield return piece;
            }
        }
    }
}
