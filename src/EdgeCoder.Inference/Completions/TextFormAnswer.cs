using System.Runtime.CompilerServices;
using System.Text;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Replies;
using EdgeCoder.Inference.Providers;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Completions;

/// <summary>
/// An answer of a model that knows neither calls nor schemas: calls are fenced blocks tagged <c>tool_call</c>. It is read when it is whole, because a block
/// that was cut must not be shown as text. A call that cannot be read goes back to the model, once.
/// </summary>
internal static class TextFormAnswer
{
    /// <summary>Its pieces.</summary>
    public static async IAsyncEnumerable<AnswerPiece> AskAsync(
        OpenedModel model, ChatCompletionRequest request, ChatOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var tools = request.NamedTool is { } named ? [.. request.Tools.Where(tool => tool.Name == named)] : request.Tools;
        List<ChatMessage> messages = [.. FormPrompt.Messages(request, model, CallForm.Text, tools)];
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
            var (text, calls) = TextCalls.Read(ThinkingBlocks.Remove(whole.ToString()));
            var fault = calls.Select(call => ToolSchemas.Fault(call, tools)).FirstOrDefault(wrong => wrong is not null)
                ?? (calls.Count == 0 && request.ToolUse is ToolUse.Required or ToolUse.Named ? "A tool must be used now." : null);
            if (fault is null || end.FinishReason == "length")
            {
                if (text.Length > 0)
                {
                    yield return new(Text: text);
                }

                foreach (var call in fault is null ? calls.Take(request.ParallelTools is false ? 1 : int.MaxValue) : [])
                {
                    yield return new(Call: new(CallIds.New("call_"), call.Tool, call.Arguments));
                }

                yield return new(End: new(end.FinishReason == "stop" && calls.Count > 0 ? "tool_calls" : end.FinishReason, usage));
                yield break;
            }

            if (attempt > 0)
            {
                throw new ApiFault(502, "upstream_error", $"{model.Identity.Id} did not make a tool call that can be used: {fault}");
            }

            messages.AddRange([new(ChatRole.Assistant, whole.ToString()), new(ChatRole.User, fault + " Answer again.")]);
        }
    }
}
