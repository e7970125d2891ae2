using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using EdgeCoder.Agent.Replies;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Inference.Providers;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Completions;

/// <summary>
/// An answer that must be JSON. This program's own engine is held to it while it writes, so its words are passed on at once. What a server gives is checked
/// when it is whole: one repair, then <c>schema_not_satisfied</c>.
/// </summary>
internal static class ShapedAnswer
{
    /// <summary>Its pieces.</summary>
    public static IAsyncEnumerable<AnswerPiece> AskAsync(
        OpenedModel model, IReadOnlyList<ChatMessage> messages, ChatOptions options, ChatCompletionRequest request, CancellationToken cancellationToken)
    {
        options.ResponseFormat = Format(request);
        return model.Identity.Provider == ProviderKinds.Local
            ? ModelAnswer.AskAsync(model, messages, options, cancellationToken)
            : CheckedAsync(model, messages, options, request, cancellationToken);
    }

    /// <summary>The format as a provider takes it.</summary>
    public static ChatResponseFormat Format(ChatCompletionRequest request) => request.Shape == AnswerShape.JsonSchema
        ? ChatResponseFormat.ForJsonSchema(request.Schema, request.SchemaName ?? "answer")
        : ChatResponseFormat.Json;

    private static async IAsyncEnumerable<AnswerPiece> CheckedAsync(
        OpenedModel model, IReadOnlyList<ChatMessage> messages, ChatOptions options, ChatCompletionRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var schema = request.Shape == AnswerShape.JsonSchema ? CheckableSchema.Of(request.Schema) : (JsonElement?)null;
        var usage = default(AnswerUsage);
        for (var attempt = 0; ; attempt++)
        {
            var whole = new StringBuilder();
            AnswerEnd? end = null;
            await foreach (var piece in ModelAnswer.AskAsync(model, messages, options, cancellationToken).ConfigureAwait(false))
            {
                end = piece.End ?? end;
                whole.Append(piece.Text);
            }

            usage += end!.Usage;
            var text = ThinkingBlocks.Remove(whole.ToString()).Trim();
            var fault = end.FinishReason == "stop" ? Fault(text, schema) : null;
            if (fault is null)
            {
                yield return new(Text: text);
                yield return new(End: end with { Usage = usage });
                yield break;
            }

            if (attempt > 0)
            {
                throw new ApiFault(502, "schema_not_satisfied", $"{model.Identity.Id} did not answer with the JSON that was asked for, twice: {fault}", "response_format");
            }

            messages = [.. messages, new(ChatRole.Assistant, text), new(ChatRole.User, $"That is not the JSON that was asked for: {fault} Answer with the JSON alone.")];
        }
    }

    private static string? Fault(string text, JsonElement? schema)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return schema is { } wanted ? SchemaCheck.Check(document.RootElement, wanted)?.ToString()
                : document.RootElement.ValueKind == JsonValueKind.Object ? null
                : "it is not an object.";
        }
        catch (JsonException)
        {
            return "it is not JSON.";
        }
    }
}
