using EdgeCoder.Inference.Providers;
using EdgeCoder.TestKit.Models;

namespace EdgeCoder.Inference.Tests.Providers;

/// <summary>A provider of this machine with models that always say the same.</summary>
internal sealed class FixedProvider(params string[] ids) : IModelProvider
{
    public bool IsDemonstration { get; init; }

    /// <summary>What every model says; by default "ok" and its id.</summary>
    public string? Answer { get; init; }

    public List<string> Opened { get; } = [];

    public string Kind => ProviderKinds.Local;

    public Task<ProviderHealth> CheckHealthAsync(CancellationToken cancellationToken) => Task.FromResult(new ProviderHealth(ids.Length > 0, $"{ids.Length} models"));

    public Task<IReadOnlyList<InstalledModel>> ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<InstalledModel>>([.. ids.Select(id => new InstalledModel { ModelId = id, Provider = Kind, Digest = "unpinned" })]);

    public Task<OpenedModel> OpenAsync(string modelId, CancellationToken cancellationToken)
    {
        if (!ids.Contains(modelId))
        {
            throw ModelNames.NotFound(modelId, ids);
        }

        Opened.Add(modelId);
        return Task.FromResult(new OpenedModel(() => ValueTask.CompletedTask)
        {
            Client = new FixedChatClient(Answer ?? "ok from " + modelId),
            Identity = new() { Id = modelId, Provider = Kind, Digest = "unpinned" },
            Reach = ModelReach.ThisMachine,
            Window = 4096,
            CountTokens = (text, _) => ValueTask.FromResult(ScriptedModel.Tokenize(text).Count),
            CountsExactly = true,
            IsDemonstration = IsDemonstration,
        });
    }
}
