using System.Buffers.Binary;
using System.Collections.Concurrent;

namespace EdgeCoder.Hosting.Signatures;

/// <summary>
/// Nonces of a role without a store. They do not outlive the process, therefore nothing is taken that was made before it began: a request cannot come
/// again after a restart.
/// </summary>
internal sealed class MemoryNonces(TimeProvider time) : INonces
{
    private readonly ConcurrentDictionary<UInt128, long> _taken = new();
    private readonly long _beganMs = time.GetUtcNow().ToUnixTimeMilliseconds();

    public Task<bool> TryTakeAsync(byte[] digest, long createdMs, long expiresAtMs, CancellationToken cancellationToken) =>
        Task.FromResult(createdMs >= _beganMs && _taken.TryAdd(BinaryPrimitives.ReadUInt128BigEndian(digest), expiresAtMs));

    public Task PruneAsync(long nowMs, CancellationToken cancellationToken)
    {
        foreach (var entry in _taken)
        {
            if (entry.Value < nowMs)
            {
                _taken.TryRemove(entry);
            }
        }

        return Task.CompletedTask;
    }
}
