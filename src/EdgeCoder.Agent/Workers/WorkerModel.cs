using EdgeCoder.Agent.Calls;
using EdgeCoder.Protocol.Agents;

namespace EdgeCoder.Agent.Workers;

/// <summary>A proven model of this machine.</summary>
/// <param name="Agent">As a loop sees it.</param>
/// <param name="Claim">As the coordinator is told of it.</param>
/// <param name="Provider"><c>edgecoder-local</c>, <c>ollama-local</c> or <c>openai-compatible</c>.</param>
/// <param name="Parameters">How many it has; null when it is not known.</param>
public sealed record WorkerModel(AgentModel Agent, AgentModelClaim Claim, string Provider, long? Parameters)
{
    /// <summary>Whether a request for a model means this one: the exact id, or the id before a tag (coordinator-and-mesh 4.3, 13).</summary>
    public bool Is(string requested) => Claim.ModelId == requested || Claim.ModelId.StartsWith(requested + ":", StringComparison.Ordinal);
}

/// <summary>
/// The models that work of others may use: they answer on this machine, and each is proven before its first use. The other side is a model engine or server.
/// </summary>
public interface IWorkerModels
{
    /// <summary>The model in use.</summary>
    WorkerModel Active { get; }

    /// <summary>Every proven model.</summary>
    IReadOnlyList<WorkerModel> Proven { get; }

    /// <summary>
    /// The model for an attempt: the requested one where it is there, else the active one. With <paramref name="required"/> only the requested one: null
    /// when it is not there or cannot be proven. Stays open until the worker ends.
    /// </summary>
    Task<WorkerModel?> ForAsync(string? requested, bool required, CancellationToken cancellationToken);
}
