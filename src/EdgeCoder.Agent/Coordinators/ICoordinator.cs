using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;

namespace EdgeCoder.Agent.Coordinators;

/// <summary>
/// What an agent asks of its coordinator. The other side is a process. Every call throws <see cref="CoordinatorFault"/> when it is refused or nobody answers,
/// and <see cref="OperationCanceledException"/> only when the caller's token asks for it.
/// </summary>
public interface ICoordinator : IDisposable
{
    /// <summary>Who it is.</summary>
    FoundCoordinator Who { get; }

    /// <summary><c>POST /register</c>.</summary>
    Task<RegisterAnswer> RegisterAsync(RegisterRequest request, CancellationToken cancellationToken);

    /// <summary><c>POST /heartbeat</c>.</summary>
    Task<HeartbeatAnswer> HeartbeatAsync(HeartbeatRequest request, CancellationToken cancellationToken);

    /// <summary><c>POST /pull</c>; waits as long as the request says. Not repeated: the caller comes back by itself.</summary>
    Task<PullAnswer> PullAsync(PullRequest request, CancellationToken cancellationToken);

    /// <summary><c>POST /result</c>, with the exact bytes that were signed and stored.</summary>
    Task<ResultAnswer> PostResultAsync(ReadOnlyMemory<byte> report, CancellationToken cancellationToken);

    /// <summary><c>POST /leases/{leaseId}/release</c>.</summary>
    Task ReleaseAsync(string leaseId, string reason, CancellationToken cancellationToken);

    /// <summary><c>GET /blobs/{sha256}</c> into a stream; gives the length. What comes is checked by the caller. Throws <c>blob_too_large</c> above <paramref name="limit"/>.</summary>
    Task<long> GetBlobAsync(string sha256, Stream destination, long limit, CancellationToken cancellationToken);

    /// <summary><c>PUT /blobs/{sha256}</c>. <paramref name="open"/> gives the content anew for each try.</summary>
    Task PutBlobAsync(string sha256, Func<Stream> open, CancellationToken cancellationToken);
}
