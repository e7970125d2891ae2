using EdgeCoder.Protocol.Tokens;
using EdgeCoder.Inference.Preflight;

namespace EdgeCoder.Inference.Providers;

/// <summary>Opens a model that has been chosen: proves its window where that is needed, and puts the guard before it.</summary>
internal sealed class ModelOpening(PreflightStore preflights, TimeProvider time)
{
    /// <summary>Opens exactly this model. A server's model whose window nothing proves yet is measured first.</summary>
    public async Task<SelectedModel> OpenAsync(
        HubProvider provider, string modelId, string why, ModelRequest request, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        var raw = await provider.Provider.OpenAsync(modelId, cancellationToken).ConfigureAwait(false);
        try
        {
            var report = raw.Preflight is null
                ? null
                : await ProvenAsync(raw, provider, request.NeededWindow, progress, cancellationToken).ConfigureAwait(false);
            return new() { Model = Guard(raw, provider, report, (report ?? preflights.Find(raw.Subject))?.Abilities), Why = why };
        }
        catch
        {
            await raw.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<PreflightReport> ProvenAsync(OpenedModel raw, HubProvider provider, int needed, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        // Prompts are cut to size in sentences: what proves a window lies a little below it.
        var enough = Math.Min(needed, raw.Window) * 9 / 10;
        var known = preflights.Find(raw.Preflight!);
        var report = known;
        if (report is null || (report.ProvenWindow < enough && !report.Complete))
        {
            progress?.Report($"first use of {raw.Identity.Id}: proving that it reads long prompts whole");
            report = await new ContextPreflight(raw, provider.Options, time, progress).RunQuickAsync(needed, cancellationToken).ConfigureAwait(false) with { Abilities = known?.Abilities };
            if (report.ProvenWindow >= enough)
            {
                preflights.Save(report);
            }
        }

        return report.ProvenWindow >= enough
            ? report
            : throw new ModelException(
                "window_not_proven",
                $"{raw.Identity.Id} did not show that it reads prompts of {enough} tokens whole. {report.Why}",
                "Give its server a larger context, or state contextWindow for it in models.json when you know it.");
    }

    /// <summary>The same model behind the rules that its provider, its window and its speed set, in the form of tool calls that its preflight chose.</summary>
    public OpenedModel Guard(OpenedModel raw, HubProvider provider, PreflightReport? report, AbilityReport? abilities = null)
    {
        var window = report?.ProvenWindow ?? raw.Window;
        TokenCounter count = report?.Estimate is { } estimate ? (text, _) => ValueTask.FromResult(estimate.CountAtMost(text)) : raw.CountTokens;
        var identity = raw.Identity with { ProvenContext = window };
        var rules = new CallRules
        {
            Model = identity,
            Options = provider.Options,
            Window = window,
            CountTokens = count,
            Tolerance = raw.IsDemonstration ? 1 // Its client shortens what it is given to the one line that the model knows.
                : raw.CountsExactly ? 0 : report?.Estimate is null ? TokenEstimate.ToleranceUncalibrated : TokenEstimate.ToleranceBelowMost,
            Speed = report?.Speed,
            CallFailed = provider.CallFailed,
            WindowLost = () =>
            {
                if (raw.Preflight is { } subject)
                {
                    preflights.Forget(subject);
                }
            },
        };
        return new(raw.DisposeAsync)
        {
            Client = new GuardedChatClient(raw.Client, rules, time),
            Identity = identity,
            Reach = raw.Reach,
            Window = window,
            CountTokens = count,
            CountsExactly = raw.CountsExactly,
            Thinks = raw.Thinks,
            CallsTools = raw.CallsTools && abilities?.ToolForm is null or "native",
            ObeysJsonSchema = raw.ObeysJsonSchema && abilities?.ToolForm is not "text",
            CompleteText = raw.CompleteText is { } complete && !raw.CountsExactly ? new GuardedCompleter(complete, rules, time).CompleteAsync : raw.CompleteText, // Our own engine counts exactly and refuses itself.
            Preflight = raw.Preflight,
            IsDemonstration = raw.IsDemonstration,
        };
    }
}
