using System.Runtime.CompilerServices;
using EdgeCoder.Agent.Calls;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Providers;

/// <summary>
/// The last door before a model. In this order, for every call:
/// 1. options that would be lost are refused;
/// 2. a prompt that does not fit the proven window with its answer is refused before it is sent (<c>context_length_exceeded</c>);
/// 3. time limits follow from the measured speed (<c>model_timeout</c>);
/// 4. a stream without its last record is an error (<c>stream_interrupted</c>), whatever text came before;
/// 5. a reported prompt count below our own means that the prompt was cut (<c>context_truncated</c>): the answer is thrown away and the
///    window is unproven again.
/// </summary>
internal sealed class GuardedChatClient(IChatClient inner, CallRules rules, TimeProvider time) : DelegatingChatClient(inner)
{
    // An answer of our own engine without a limit of its own: many pages, and minutes on a processor. One that ends here says that it was cut.
    private const int LongestUnasked = 4096;

    /// <inheritdoc/>
    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var prompt = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        options = options?.Clone() ?? new();
        ChatOptionRules.Check(options, rules.Options, rules.Model.Id);

        var count = await PromptCount.OfAsync(prompt, options, rules.CountTokens, cancellationToken).ConfigureAwait(false);
        options.MaxOutputTokens = Fit(count.Most, options.MaxOutputTokens);

        using var limit = new CallLimit(rules.Speed is { } speed ? CallTimes.For(speed, count.Most, options.MaxOutputTokens.Value) : null, time, cancellationToken);
        var finished = false;
        UsageDetails? usage = null;
        await using var updates = base.GetStreamingResponseAsync(prompt, options, limit.Token).GetAsyncEnumerator(limit.Token);
        while (await NextAsync(updates, limit, cancellationToken).ConfigureAwait(false))
        {
            var update = updates.Current;
            finished |= update.FinishReason is not null;
            usage = update.Contents.OfType<UsageContent>().LastOrDefault()?.Details ?? usage;
            yield return update;
        }

        if (!finished)
        {
            // OllamaSharp ends its stream quietly when its token is cancelled.
            cancellationToken.ThrowIfCancellationRequested();
            throw Failed(limit.Passed is { } passed ? TooSlow(passed, null) : new("stream_interrupted", $"The answer of {rules.Model.Id} ended without its last record.", "Try again; see the model server's log."));
        }

        CheckCounts(count, usage, options.MaxOutputTokens.Value);
    }

    private int Fit(int promptTokens, int? asked)
    {
        var left = rules.Window - promptTokens;
        return left >= Math.Max(1, asked ?? 1)
            ? asked ?? Unasked(left)
            : throw new ModelException(
                "context_length_exceeded",
                $"The prompt has up to {promptTokens} tokens and the answer needs {Math.Max(1, asked ?? 1)}; {rules.Model.Id} has a proven window of {rules.Window}: {Math.Max(1, asked ?? 1) - left} too many.",
                "Ask for less at once, or use a model with a larger window.");
    }

    // Our own engine counts the chat template exactly and refuses a reservation beyond its window; what is left by our count may miss a little of it. And what
    // is reserved keeps others waiting.
    private int Unasked(int left) => rules.Tolerance == 0 ? Math.Min(left - (left / 8), LongestUnasked) : left;

    private async Task<bool> NextAsync(IAsyncEnumerator<ChatResponseUpdate> updates, CallLimit limit, CancellationToken cancellationToken)
    {
        limit.Enter();
        try
        {
            if (!await updates.MoveNextAsync().ConfigureAwait(false))
            {
                return false;
            }

            limit.Progress();
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // A library may wrap what the connection threw.
            throw Failed(Innermost(e) ?? (limit.Passed is { } passed
                ? TooSlow(passed, e)
                : new("model_unavailable", $"The answer of {rules.Model.Id} was cut off: {e.Message}", "Try again; see the model server's log.", e)));
        }
    }

    private ModelException TooSlow(string passed, Exception? e) =>
        new("model_timeout", $"{rules.Model.Id} gave {passed}, judged by its measured speed.", "Try again, or measure it anew: edgecoder models preflight", e);

    private static ModelException? Innermost(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
        {
            if (e is ModelException found)
            {
                return found;
            }
        }

        return null;
    }

    private void CheckCounts(PromptCount count, UsageDetails? usage, int maxOutputTokens)
    {
        if (usage?.OutputTokenCount > maxOutputTokens)
        {
            throw Failed(new("option_ignored", $"{rules.Model.Id} wrote {usage.OutputTokenCount} tokens although at most {maxOutputTokens} were asked for.", "The server ignores the token limit; use another one."));
        }

        if (usage?.InputTokenCount is not { } reported || reported == 0)
        {
            return; // Says nothing; some libraries make a 0 of that. What proved the window saw counts, or the operator stated it.
        }

        var least = count.Least(rules.Tolerance) - (usage.CachedInputTokenCount ?? 0);
        if (reported < least)
        {
            rules.WindowLost();
            throw Failed(new(
                "context_truncated",
                $"{rules.Model.Id} read {reported} tokens of a prompt that has at least {least}: its server cut the prompt. The answer was thrown away.",
                "Measure its window anew: edgecoder models preflight " + rules.Model.Id));
        }
    }

    private ModelException Failed(ModelException e)
    {
        if (e.Code is not ("context_length_exceeded" or "unsupported_option"))
        {
            rules.CallFailed(e.Message);
        }

        return e;
    }
}
