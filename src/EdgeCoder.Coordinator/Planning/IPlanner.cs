using EdgeCoder.Protocol.Decompositions;

namespace EdgeCoder.Coordinator.Planning;

/// <summary>The inference role, which alone makes plans: over HTTP, or in the same process in all-in-one.</summary>
internal interface IPlanner
{
    /// <summary>A plan for a task. Throws <see cref="HttpRequestException"/> or <see cref="TimeoutException"/> when no inference service answers.</summary>
    Task<DecomposeAnswer> DecomposeAsync(DecomposeRequest request, CancellationToken cancellationToken);
}
