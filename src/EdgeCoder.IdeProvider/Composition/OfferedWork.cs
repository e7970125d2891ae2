using EdgeCoder.Agent.Repositories;
using EdgeCoder.Hosting.Problems;

namespace EdgeCoder.IdeProvider.Composition;

/// <summary>What runs tools and code for callers of this endpoint.</summary>
/// <param name="Work">Its parts; null where the program gave none.</param>
internal sealed record OfferedWork(LocalWork? Work)
{
    /// <summary>The parts. Throws <see cref="Refusal"/> 503 <c>work_not_offered</c> where there are none.</summary>
    public LocalWork Required => Work ?? throw new Refusal(503, "work_not_offered", "This endpoint serves calls of models alone. Start it with: edgecoder up");
}
