using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Hosting.Signatures;

/// <summary>Keys bound to agents. Asked for every signed request: answers come from memory.</summary>
public interface IAgentKeys
{
    /// <summary>The key bound to an agent; null when it is not registered.</summary>
    ValueTask<VerifyingKey?> FindAsync(string agentId, CancellationToken cancellationToken);

    /// <summary>Accounts that an agent acts for as a submitter: its owner's, when it is approved.</summary>
    ValueTask<IReadOnlyList<string>> AccountsAsync(string agentId, CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<string>>([]);
}

/// <summary>Keys of approved peers.</summary>
public interface IPeerKeys
{
    /// <summary>The keys that count for a peer now, newest first: two while it changes its key. None when it is unknown or not approved.</summary>
    ValueTask<IReadOnlyList<VerifyingKey>> FindAsync(string peerId, CancellationToken cancellationToken);
}

/// <summary>Whether an agent holds leases; requests about them are not counted against its limit (check 8).</summary>
public interface ILiveLeases
{
    /// <summary>Whether the agent holds at least one of these leases now.</summary>
    ValueTask<bool> HoldsAnyAsync(string agentId, IReadOnlyList<string> leaseIds, CancellationToken cancellationToken);
}

/// <summary>Of a role that has no agents or peers.</summary>
internal sealed class NoKeys : IAgentKeys, IPeerKeys
{
    ValueTask<VerifyingKey?> IAgentKeys.FindAsync(string agentId, CancellationToken cancellationToken) => default;

    ValueTask<IReadOnlyList<VerifyingKey>> IPeerKeys.FindAsync(string peerId, CancellationToken cancellationToken) => new([]);
}
