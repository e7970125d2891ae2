using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.IdeProvider.Bodies;
using EdgeCoder.IdeProvider.ModelLists;
using EdgeCoder.IdeProvider.Routing;
using EdgeCoder.Protocol.Problems;
using EdgeCoder.Protocol.Tokens;

namespace EdgeCoder.IdeProvider.Agentic;

/// <summary>
/// The models that agents of this endpoint work with: those of this machine, through the same line and the same loopback connections as every other call, so
/// that no model is loaded twice and nothing that an agent sends can leave the machine.
/// </summary>
internal sealed class AgentModels(LocalRoute local, KeyUse use, TimeProvider time)
{
    private const string DemonstrationId = "edgecoder-demo";
    private const int RoomForTheQuestion = 1_024;

    // The window that it was trained with; there is nothing larger to prove, and nothing smaller in this program.
    private const int DemonstrationWindow = 512;

    /// <summary>
    /// Opens one for a caller. Throws <see cref="Refusal"/>: 403 <c>model_denied</c>, 404 <c>model_not_found</c>, 503 <c>no_model_available</c>,
    /// <c>local_model_unavailable</c> or <c>window_unproven</c>.
    /// </summary>
    /// <param name="caller">Who asks; its key is metered.</param>
    /// <param name="name">Exact id, one of the names of <see cref="RouteNames"/>, or null for the active model.</param>
    /// <param name="provider">Provider that it must be of; null for any.</param>
    /// <param name="dataClass">Class of the work, for the marks of its calls.</param>
    /// <param name="neededWindow">Tokens that must be proven.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<OpenModel> OpenAsync(IdeCaller caller, string? name, string? provider, DataClass dataClass, int neededWindow, CancellationToken cancellationToken)
    {
        var entry = await ChooseAsync(caller, name, provider, cancellationToken).ConfigureAwait(false);
        var isDemonstration = entry.Id == DemonstrationId;
        if (!isDemonstration && !(entry.Facts.ProvenContext >= neededWindow))
        {
            await ProveAsync(entry, dataClass, neededWindow, cancellationToken).ConfigureAwait(false);
            entry = await ChooseAsync(caller, entry.Id, provider, cancellationToken).ConfigureAwait(false);
        }

        if ((entry.Facts.ProvenContext ?? (isDemonstration ? DemonstrationWindow : null)) is not { } window)
        {
            throw new Refusal(503, "window_unproven", $"The window of {entry.Id} is not proven, so nothing is worked on with it. Prove it: edgecoder models preflight {entry.Id}");
        }

        var client = new LocalChatClient(local, entry, dataClass, Before(caller), Used(caller), time);
        return new(
            new AgentModel
            {
                Client = client,
                Identity = new() { Id = entry.Id, Provider = Kind(entry), Digest = entry.Facts.Digest ?? "unpinned", ProvenContext = window },
                Window = window,
                CountTokens = (text, _) => ValueTask.FromResult((entry.Facts.Estimate ?? TokenEstimate.Cautious).CountAtMost(text)),
                OnThisMachine = true,
                IsDemonstration = isDemonstration,
                CallsTools = entry.Facts.Tools,
                ExplainFailure = fault => fault is Refusal known ? new ModelFailure(known.Error, known.Message, null) : null,
            },
            null,
            () =>
            {
                client.Dispose();
                return ValueTask.CompletedTask;
            });
    }

    private async Task<ModelEntry> ChooseAsync(IdeCaller caller, string? name, string? provider, CancellationToken cancellationToken)
    {
        var named = name is null or "" ? RouteNames.Auto : name;
        if (!caller.Allows(named))
        {
            throw new Refusal(403, "model_denied", $"The key {caller.Key!.Name} may not use {named}.") { Issues = [new FieldIssue("model", "not permitted")] };
        }

        if (named == RouteNames.Swarm)
        {
            throw new Refusal(400, "model_not_for_agents", "The files of this machine are worked on by models of this machine. Name edgecoder-local or an installed model; POST /run/swarm gives a task of its own to the swarm.");
        }

        var models = await local.Models.ListAsync(cancellationToken).ConfigureAwait(false);
        var fitting = provider is null ? models : [.. models.Where(model => Kind(model) == provider || model.Facts.Provider == provider)];
        if (named is RouteNames.Auto or RouteNames.Local)
        {
            return fitting.FirstOrDefault(model => model.Facts.Active && model.ServesWays) ?? fitting.FirstOrDefault(model => model.ServesWays)
                ?? throw new Refusal(503, "no_model_available", $"No model {(provider is null ? "" : $"of the provider {provider} ")}on this machine can answer now. Get one: edgecoder models pull qwen2.5-coder:1.5b");
        }

        var entry = fitting.FirstOrDefault(model => model.Id == named) ?? fitting.FirstOrDefault(model => model.Id == named + ":latest")
            ?? throw new Refusal(404, "model_not_found", $"There is no model {(named.Length <= 80 ? named : named[..80] + "…")} on this machine. See GET /v1/models.") { Issues = [new FieldIssue("model", "not found")] };
        return entry.Facts.Available
            ? entry
            : throw new Refusal(503, "local_model_unavailable", $"{entry.Id} cannot answer now: {entry.Facts.Reason ?? "its server does not say why"}") { RetryAfter = 5 };
    }

    // A call that asks for so large a window makes the inference service prove it; what it would say is not wanted.
    private async Task ProveAsync(ModelEntry entry, DataClass dataClass, int window, CancellationToken cancellationToken)
    {
        var call = CallBodyReader.Read(
            System.Text.Encoding.UTF8.GetBytes($$"""{"messages":[{"role":"user","content":"Say ok."}],"stream":true,"max_tokens":{{window - RoomForTheQuestion}}}"""), CallKind.Chat);
        await foreach (var _ in local.PiecesAsync(call, dataClass, entry, time.GetTimestamp(), static _ => { }, cancellationToken).ConfigureAwait(false))
        {
            break;
        }

        local.Models.Forget();
    }

    private Action Before(IdeCaller caller) => caller.Key is { } key ? () => use.CheckTokens(key) : static () => { };

    private Action<long> Used(IdeCaller caller) => caller.Key is { } key ? tokens => use.Add(key.Id, tokens) : static _ => { };

    private static string Kind(ModelEntry entry) => entry.Facts.Provider?.Split('/')[0] ?? "edgecoder-local";
}
