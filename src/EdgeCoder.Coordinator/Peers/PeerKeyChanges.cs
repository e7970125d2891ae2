using System.Text.Json;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Rotations;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Peers;

/// <summary>
/// Follows peers from the key that is pinned to the one that they have now, by their statements and in no other way (economy-and-ledger 16.2): those that they send, and those of their open <c>GET /identity</c>.
/// </summary>
internal sealed partial class PeerKeyChanges(PeerDirectory peers, PeerCalls calls, IStoreWriter writer, PeerOptions options, TimeProvider time, ILogger<PeerKeyChanges> logger)
{
    /// <summary>Takes what a peer sends and gives the id of the key that is pinned then. Throws 422 <c>key_rotation_refused</c>.</summary>
    public async Task<string> ToldAsync(string peerId, IReadOnlyList<string>? statements, CancellationToken cancellationToken)
    {
        if (await FollowAsync(peerId, statements ?? [], cancellationToken).ConfigureAwait(false) is { } fault)
        {
            throw new Refusal(422, "key_rotation_refused", "These statements do not lead from the key that is pinned here to another. Nothing was changed.") { Reason = JsonNamingPolicy.SnakeCaseLower.ConvertName(fault.ToString()) };
        }

        return (await peers.KeysAsync(peerId, cancellationToken).ConfigureAwait(false))[^1].Key.KeyId;
    }

    /// <summary>Asks a peer for its statements and follows them. Gives whether its keys are others than before.</summary>
    public async Task<bool> AskAsync(PeerRow peer, CancellationToken cancellationToken)
    {
        var before = await peers.KeysAsync(peer.PeerId, cancellationToken).ConfigureAwait(false);
        var answer = (await calls.GetAsync(peer, "/identity", options.Timeout, cancellationToken).ConfigureAwait(false)).Read(MeshJson.Default.IdentityAnswer);
        return answer is { Rotations: { Count: > 0 } statements } && answer.PeerId == peer.PeerId && await FollowAsync(peer.PeerId, statements, cancellationToken).ConfigureAwait(false) is null
            && !(await peers.KeysAsync(peer.PeerId, cancellationToken).ConfigureAwait(false)).SequenceEqual(before);
    }

    private async Task<KeyFault?> FollowAsync(string peerId, IReadOnlyList<string> statements, CancellationToken cancellationToken)
    {
        if (KeyChain.TryRead(peerId, statements, out var chain) is { } malformed)
        {
            return malformed;
        }

        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var (fault, followed) = await writer.WriteAsync(batch => Store(batch, peerId, chain!, nowMs), cancellationToken).ConfigureAwait(false);
        if (followed is { } keyId)
        {
            LogFollowed(peerId, keyId);
        }
        else if (fault is { } why)
        {
            LogRefused(peerId, why);
        }

        return fault;
    }

    private (KeyFault? Fault, string? Followed) Store(IStoreBatch batch, string peerId, KeyChain chain, long nowMs)
    {
        var approvedAtMs = batch.Query("SELECT approved_at_ms FROM peers WHERE peer_id = $1", row => row.Number(0), peerId);
        var known = batch.Query(
            "SELECT public_key_pem, from_ms, until_ms FROM peer_keys WHERE peer_id = $1 ORDER BY CASE WHEN until_ms IS NULL THEN 1 ELSE 0 END, from_ms",
            row => VerifyingKey.TryParse(row.Text(0), out var key) ? new PeerKey(key, row.Number(1), row.IsNull(2) ? null : row.Number(2)) : throw new InvalidDataException($"A key of peer {peerId} is damaged in the store."), peerId);
        if (approvedAtMs is not [var approved] || known.Count == 0)
        {
            return (KeyFault.OtherCoordinator, null);
        }

        var (keys, fault) = PeerKeyRules.Follow(known, Math.Max(approved, known[^1].FromMs), chain, nowMs, (long)options.MaxSkew.TotalMilliseconds);
        if (keys is null)
        {
            return (fault, null);
        }

        foreach (var row in keys)
        {
            if (!batch.TryInsert(row))
            {
                batch.Execute("UPDATE peer_keys SET from_ms = $1, until_ms = $2, statement = $3 WHERE peer_id = $4 AND key_id = $5", row.FromMs, row.UntilMs, row.Statement, peerId, row.KeyId);
            }
        }

        return (null, keys[^1].KeyId == known[^1].Key.KeyId ? null : keys[^1].KeyId);
    }

    [LoggerMessage(LogLevel.Warning, "Peer {PeerId} has changed its key by its own statement; it is {KeyId} now")]
    private partial void LogFollowed(string peerId, string keyId);

    [LoggerMessage(LogLevel.Warning, "Peer {PeerId} has shown statements of keys that change nothing: {Fault}")]
    private partial void LogRefused(string peerId, KeyFault fault);
}
