using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Inference.Providers;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Completions;

/// <summary>
/// An answer of a model without calls of its own that is held to a schema: <c>{"tool", "args"}</c> or <c>{"final"}</c>. The text of <c>final</c> is passed on
/// while it is written; a call when it is whole and fits its tool. One that does not goes back to the model, once.
/// </summary>
internal static class JsonFormAnswer
{
    /// <summary>Its pieces.</summary>
    public static async IAsyncEnumerable<AnswerPiece> AskAsync(
        OpenedModel model, ChatCompletionRequest request, ChatOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var tools = request.NamedTool is { } named ? [.. request.Tools.Where(tool => tool.Name == named)] : request.Tools;
        options.ResponseFormat = ChatResponseFormat.ForJsonSchema(ToolSchemas.Answer(request, tools));
        List<ChatMessage> messages = [.. FormPrompt.Messages(request, model, CallForm.Json, tools)];
        var usage = default(AnswerUsage);
        for (var attempt = 0; ; attempt++)
        {
            var whole = new StringBuilder();
            var final = new FinalText();
            AnswerEnd? end = null;
            await foreach (var piece in ModelAnswer.AskAsync(model, messages, options, cancellationToken).ConfigureAwait(false))
            {
                end = piece.End ?? end;
                whole.Append(piece.Text);
                if (request.Shape == AnswerShape.Text && piece.Text is { } text && final.Feed(text) is { Length: > 0 } said)
                {
                    yield return new(Text: said);
                }
            }

            usage += end!.Usage;
            if (final.Found || end.FinishReason != "stop")
            {
                yield return new(End: end with { Usage = usage });
                yield break;
            }

            var reading = Read(whole.ToString(), request, tools);
            if (reading.Fault is null)
            {
                yield return reading.Piece;
                yield return new(End: new(reading.Piece.Call is null ? "stop" : "tool_calls", usage));
                yield break;
            }

            if (attempt > 0)
            {
                throw new ApiFault(502, "upstream_error", $"{model.Identity.Id} did not make a tool call that can be used: {reading.Fault}");
            }

            messages.AddRange([new(ChatRole.Assistant, whole.ToString()), new(ChatRole.User, reading.Fault + " Answer again, with one JSON object.")]);
        }
    }

    private static (AnswerPiece Piece, string? Fault) Read(string text, ChatCompletionRequest request, IReadOnlyList<OfferedTool> tools)
    {
        if (SafeRepair.Read(text.Trim(), out var fault) is not { ValueKind: JsonValueKind.Object } value)
        {
            return (default, $"Your answer is {fault ?? "not a JSON object"}.");
        }

        if (value.TryGetProperty("final", out var final) && request.ToolUse is ToolUse.Auto)
        {
            return (new(Text: final.ValueKind == JsonValueKind.String ? final.GetString() : final.GetRawText()), null);
        }

        var call = CallText.One(value);
        return ToolSchemas.Fault(call, tools) is { } wrong ? (default, wrong) : (new(Call: new(CallIds.New("call_"), call.Tool, call.Arguments)), null);
    }
}
