using System.Runtime.CompilerServices;
using EdgeCoder.Agent.Calls;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Inference.Providers;

/// <summary>
/// The last door before a server's model that goes on with texts, as <see cref="GuardedChatClient"/> is for conversations: 1. what does not fit the proven
/// window is refused before it is sent; 2. time limits follow from the measured speed; 3. a reported count below our own means that the text was cut.
/// </summary>
internal sealed class GuardedCompleter(TextCompleter inner, CallRules rules, TimeProvider time)
{
    /// <summary>Goes on with a text.</summary>
    public async IAsyncEnumerable<ChatResponseUpdate> CompleteAsync(TextRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var tokens = await rules.CountTokens($"{request.Prompt}\n{request.Suffix}", cancellationToken).ConfigureAwait(false);
        if ((long)tokens + request.MaxTokens > rules.Window)
        {
            throw new ModelException(
                "context_length_exceeded",
                $"The texts have up to {tokens} tokens and the answer needs {request.MaxTokens}; {rules.Model.Id} has a proven window of {rules.Window}: {(long)tokens + request.MaxTokens - rules.Window} too many.",
                "Send less of the file, or use a model with a larger window.");
        }

        using var limit = new CallLimit(rules.Speed is { } speed ? CallTimes.For(speed, tokens, request.MaxTokens) : null, time, cancellationToken);
        UsageDetails? usage = null;
        await using var updates = inner(request, limit.Token).GetAsyncEnumerator(limit.Token);
        while (await NextAsync(updates, limit, cancellationToken).ConfigureAwait(false))
        {
            usage = updates.Current.Contents.OfType<UsageContent>().LastOrDefault()?.Details ?? usage;
            if (updates.Current.FinishReason is not null)
            {
                Check(new(tokens, 0, 0), usage);
            }

            yield return updates.Current;
        }
    }

    private async ValueTask<bool> NextAsync(IAsyncEnumerator<ChatResponseUpdate> updates, CallLimit limit, CancellationToken cancellationToken)
    {
        limit.Enter();
        try
        {
            var any = await updates.MoveNextAsync().ConfigureAwait(false);
            limit.Progress();
            return any;
        }
        catch (ModelException fault) when (!cancellationToken.IsCancellationRequested)
        {
            if (fault.Code is not ("context_length_exceeded" or "fim_unsupported"))
            {
                rules.CallFailed(fault.Message);
            }

            throw;
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            rules.CallFailed(fault.Message);
            throw limit.Passed is { } passed
                ? new ModelException("model_timeout", $"{rules.Model.Id} gave {passed}, judged by its measured speed.", "Try again, or measure it anew: edgecoder models preflight", fault)
                : new ModelException("model_unavailable", $"The answer of {rules.Model.Id} was cut off: {fault.Message}", "Try again; see the model server's log.", fault);
        }
    }

    private void Check(PromptCount count, UsageDetails? usage)
    {
        if (usage?.InputTokenCount is > 0 and var reported && reported < count.Least(rules.Tolerance))
        {
            rules.WindowLost();
            throw new ModelException(
                "context_truncated",
                $"{rules.Model.Id} read {reported} tokens of a text that has at least {count.Least(rules.Tolerance)}: its server cut it. The answer was thrown away.",
                "Measure its window anew: edgecoder models preflight " + rules.Model.Id);
        }
    }
}
