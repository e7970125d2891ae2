using System.Runtime.CompilerServices;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Inference.Providers;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Completions;

/// <summary>One call of a model as pieces of an answer.</summary>
internal static class ModelAnswer
{
    /// <summary>
    /// The pieces, the end last. The end comes only after the model's client has let the whole answer pass, so that one whose prompt was cut has no end.
    /// Counts are the provider's; where it tells none, they are the model's tokenizer's or our estimate.
    /// </summary>
    public static async IAsyncEnumerable<AnswerPiece> AskAsync(
        OpenedModel model, IReadOnlyList<ChatMessage> messages, ChatOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        UsageDetails? usage = null;
        ChatFinishReason? finish = null;
        List<string> written = [];
        var calls = 0;
        await foreach (var update in model.Client.GetStreamingResponseAsync(messages, options, cancellationToken).ConfigureAwait(false))
        {
            finish = update.FinishReason ?? finish;
            foreach (var content in update.Contents)
            {
                switch (content)
                {
                    case TextContent { Text.Length: > 0 } text:
                        written.Add(text.Text);
                        yield return new(Text: text.Text);
                        break;
                    case FunctionCallContent call:
                        var native = NativeCalls.Read(call);
                        written.Add(native.Arguments);
                        calls++;
                        yield return new(Call: new(CallIds.Of(call.CallId), native.Tool, native.Arguments));
                        break;
                    case UsageContent counted:
                        usage = counted.Details;
                        break;
                }
            }
        }

        yield return new(End: new(Finish(finish, calls), await UsageAsync(model, messages, options, usage, written, cancellationToken).ConfigureAwait(false)));
    }

    /// <summary>The pieces of a text that is gone on with.</summary>
    public static async IAsyncEnumerable<AnswerPiece> CompleteAsync(IAsyncEnumerable<ChatResponseUpdate> updates, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var update in updates.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (update.Text.Length > 0)
            {
                yield return new(Text: update.Text);
            }

            if (update.FinishReason is not null && update.Contents.OfType<UsageContent>().FirstOrDefault() is { Details: { } usage })
            {
                yield return new(End: new(Finish(update.FinishReason, 0), new(usage.InputTokenCount ?? 0, usage.OutputTokenCount ?? 0, usage.CachedInputTokenCount ?? 0)));
            }
        }
    }

    // Ollama ends an answer with calls as any other.
    private static string Finish(ChatFinishReason? finish, int calls) =>
        finish == ChatFinishReason.Length ? "length"
        : finish == ChatFinishReason.ContentFilter ? "content_filter"
        : calls > 0 ? "tool_calls"
        : "stop";

    private static async ValueTask<AnswerUsage> UsageAsync(
        OpenedModel model, IReadOnlyList<ChatMessage> messages, ChatOptions options, UsageDetails? usage, List<string> written, CancellationToken cancellationToken)
    {
        var prompt = usage?.InputTokenCount is > 0 and var read ? read : (await PromptCount.OfAsync(messages, options, model.CountTokens, cancellationToken).ConfigureAwait(false)).Most;
        var completion = usage?.OutputTokenCount is > 0 and var said ? said
            : written.Count == 0 ? 0
            : await model.CountTokens(string.Concat(written), cancellationToken).ConfigureAwait(false);
        return new(prompt, completion, usage?.CachedInputTokenCount ?? 0);
    }
}
