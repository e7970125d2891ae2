using EdgeCoder.Inference.Providers;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Completions;

/// <summary>The answer to a chat request, in the way that its model can give it.</summary>
internal static class ChatAnswer
{
    /// <summary>Its pieces, the end last.</summary>
    public static IAsyncEnumerable<AnswerPiece> AskAsync(OpenedModel model, ChatCompletionRequest request, CancellationToken cancellationToken)
    {
        if (request.Tools.Count > 0)
        {
            throw ApiFault.Unsupported("tools", "tools are not part of this build yet");
        }

        if (request.Shape != AnswerShape.Text)
        {
            throw ApiFault.Unsupported("response_format", "only text is part of this build yet");
        }

        return ModelAnswer.AskAsync(model, ModelPrompt.Messages(request, model), ModelPrompt.Options(request, model), cancellationToken);
    }
}
