using EdgeCoder.IdeProvider.Egress;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.IdeProvider.Swarm;

/// <summary>A task that came to its end, or to a person.</summary>
/// <param name="Result">As the coordinator gives it.</param>
/// <param name="Attempts">Attempts that nodes began.</param>
/// <param name="Egress">What left this machine for it.</param>
internal sealed record SwarmAnswer(TaskResult Result, int Attempts, EgressNote Egress)
{
    /// <summary>The text or code asked for.</summary>
    public string Text => string.Join("\n\n", Result.Outputs?.OrderBy(output => output.Index).Select(output => output.Output) ?? []);

    /// <summary>The model that made it, as its node claims; null where it named none.</summary>
    public Protocol.Results.ModelClaim? Model => Result.Outputs?.FirstOrDefault(output => output.Model is not null)?.Model;

    /// <summary>Whether nobody ran it again.</summary>
    public bool IsUnverified => Result.Labels?.Contains("unverified") == true;
}
