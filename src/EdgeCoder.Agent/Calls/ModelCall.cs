using System.Text;
using EdgeCoder.Agent.Prompts;
using EdgeCoder.Agent.Sessions;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Agent.Calls;

/// <summary>One streamed call of the model.</summary>
internal static class ModelCall
{
    /// <summary>How long a provider may take to obey a cancellation before it is left behind.</summary>
    internal static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Sends <paramref name="prompt"/> and reads the reply to its end, giving each piece to <paramref name="onText"/> as it arrives.
    /// Throws <see cref="ModelCallException"/> for every fault of the provider, also in mid-stream: half a reply is no reply.
    /// Throws <see cref="OperationCanceledException"/> only when <paramref name="cancellationToken"/> asks for it, also when the provider ignores it.
    /// </summary>
    public static async Task<ModelReply> AskAsync(
        AgentModel model, Prompt prompt, Sampling sampling, Action<string> onText, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(model, prompt, sampling, onText, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception fault) when (fault is not (SessionStoreException or ModelCallException))
        {
            // A full disk while a piece of text is stored is not the model's fault.
            throw new ModelCallException(Explain(model, fault), fault);
        }
    }

    private static async Task<ModelReply> ReadAsync(
        AgentModel model, Prompt prompt, Sampling sampling, Action<string> onText, TimeProvider time, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var end = ReplyEnd.Complete;
        var refused = false;
        UsageDetails? usage = null;
        var calls = new List<NativeCall>();

        var updates = model.Client.GetStreamingResponseAsync(prompt.Messages, OptionsFor(prompt, sampling, model), cancellationToken).GetAsyncEnumerator(cancellationToken);
        var pending = default(Task<bool>);
        try
        {
            while (true)
            {
                pending = updates.MoveNextAsync().AsTask();
                if (!await pending.WithGraceAsync(Grace, time, cancellationToken).ConfigureAwait(false))
                {
                    break;
                }

                var update = updates.Current;
                usage = update.Contents.OfType<UsageContent>().LastOrDefault()?.Details ?? usage;
                refused |= DemonstrationRefusal.IsMarked(update.AdditionalProperties);
                end = EndOf(update.FinishReason) ?? end;
                calls.AddRange(update.Contents.OfType<FunctionCallContent>().Where(c => !c.InformationalOnly).Select(NativeCalls.Read));
                if (update.Text.Length > 0)
                {
                    text.Append(update.Text);
                    onText(update.Text);
                }
            }
        }
        finally
        {
            await CloseAsync(updates, pending).ConfigureAwait(false);
        }

        var whole = text.ToString();
        return new ModelReply
        {
            Text = whole,
            Calls = calls.Count > 0 ? calls : null,
            End = end,
            Refused = refused,
            PromptTokens = usage?.InputTokenCount ?? await model.CountTokens(prompt.Text, cancellationToken).ConfigureAwait(false),
            CompletionTokens = usage?.OutputTokenCount ?? await model.CountTokens(whole + string.Concat(calls.Select(c => c.Tool + c.Arguments)), cancellationToken).ConfigureAwait(false),
        };
    }

    private static ChatOptions OptionsFor(Prompt prompt, Sampling sampling, AgentModel model) => new()
    {
        Seed = sampling.Seed,
        Temperature = sampling.Temperature,
        MaxOutputTokens = sampling.MaxTokens,
        ResponseFormat = model.ObeysJsonSchema && prompt.Schema is { } schema ? ChatResponseFormat.ForJsonSchema(schema, prompt.Name) : null,
        Tools = prompt.Tools.Count > 0 ? [.. prompt.Tools] : null,
    };

    private static ReplyEnd? EndOf(ChatFinishReason? reason) => reason switch
    {
        null => null,
        { } r when r == ChatFinishReason.Length => ReplyEnd.Length,
        { } r when r == ChatFinishReason.ContentFilter => ReplyEnd.Filtered,
        _ => ReplyEnd.Complete,
    };

    /// <summary>Why the model cannot serve.</summary>
    public static ModelFailure Explain(AgentModel model, Exception fault) =>
        model.ExplainFailure?.Invoke(fault)
        ?? new ModelFailure(
            ModelFailure.Unavailable,
            $"The model {model.Identity.Id} ({model.Identity.Provider}) stopped answering: {fault.Message}",
            "Check that the model server runs (`edgecoder doctor`), then continue this session with `edgecoder run --resume`.");

    /// <summary>An enumerator may not be disposed while it is asked for the next item: one that hangs is left to end by itself.</summary>
    private static async ValueTask CloseAsync(IAsyncEnumerator<ChatResponseUpdate> updates, Task<bool>? pending)
    {
        if (pending is { IsCompleted: false })
        {
            _ = pending.ContinueWith(
                async _ => await updates.DisposeAsync().ConfigureAwait(false), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return;
        }

        await updates.DisposeAsync().ConfigureAwait(false);
    }
}
