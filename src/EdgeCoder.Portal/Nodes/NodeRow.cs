using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace EdgeCoder.Portal.Nodes;

/// <summary>How far the agent's rewards are linked to its owner's account at the coordinator.</summary>
internal enum RewardLink
{
    /// <summary>Not asked for: no key is bound.</summary>
    None,

    /// <summary>Asked for; the coordinator has not said yes yet.</summary>
    Asked,

    /// <summary>Linked.</summary>
    Linked,

    /// <summary>Linked to somebody else there, where it stays.</summary>
    Conflict,
}

/// <summary>A node that a person enrolled (portal-and-control-plane 9, 21). Its id is its owner's for ever.</summary>
internal sealed record NodeRow
{
    /// <summary>Its id.</summary>
    public required string NodeId { get; init; }

    /// <summary>Whose.</summary>
    public required string OwnerId { get; init; }

    /// <summary>What it is.</summary>
    public required NodeKind Kind { get; init; }

    /// <summary>Coordinator that it is attached to; <see cref="NodeStore.Home"/> is the portal's own.</summary>
    public required string CoordinatorId { get; init; }

    /// <summary>The machine, as its owner named it.</summary>
    public string? DeviceId { get; init; }

    /// <summary><see cref="NodeState.Status"/>, for queries.</summary>
    public required NodeStatus Status { get; init; }

    /// <summary><see cref="NodeState.Approved"/>; 0 or 1.</summary>
    public required long Approved { get; init; }

    /// <summary><see cref="NodeState.Pause"/>.</summary>
    public required NodePause Pause { get; init; }

    /// <summary><see cref="NodeState.Verdict"/>.</summary>
    public required NodeVerdict Verdict { get; init; }

    /// <summary><see cref="NodeState.EverRefused"/>; 0 or 1.</summary>
    public required long EverRefused { get; init; }

    /// <summary>Hex SHA-256 of the bound key.</summary>
    public string? KeySha256 { get; init; }

    /// <summary>The key that it uses now, as its coordinator last said: after a rotation that the bound key signed, another one. Shown, and decides nothing.</summary>
    public string? SeenKeySha256 { get; init; }

    /// <summary>Hex SHA-256 of the registration token.</summary>
    public string? TokenSha256 { get; init; }

    /// <summary>The token binds no key from here on.</summary>
    public long? TokenExpiresAtMs { get; init; }

    /// <summary>When it bound one.</summary>
    public long? TokenUsedAtMs { get; init; }

    /// <summary>Since when it is taken out.</summary>
    public long? DeletedAtMs { get; init; }

    /// <summary>Who decided last about it: approved, refused, suspended.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>When.</summary>
    public long? DecidedAtMs { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether its rewards go to its owner.</summary>
    public required RewardLink Rewards { get; init; }

    /// <summary>Address from which it registered.</summary>
    public string? SourceIp { get; init; }

    /// <summary>When its coordinator last heard of it.</summary>
    public long? LastSeenMs { get; init; }

    /// <summary>When it was enrolled first.</summary>
    public required long CreatedAtMs { get; init; }

    /// <summary>Last change of its state.</summary>
    public required long UpdatedAtMs { get; init; }

    /// <summary>What decides.</summary>
    public NodeState State => new()
    {
        Kind = Kind, CoordinatorId = CoordinatorId, Key = KeySha256, Approved = Approved != 0, Pause = Pause, Verdict = Verdict, EverRefused = EverRefused != 0, Deleted = DeletedAtMs is not null,
    };

    /// <summary>The row with another state.</summary>
    public NodeRow With(NodeState state, long nowMs) => this with
    {
        Kind = state.Kind,
        CoordinatorId = state.CoordinatorId,
        Status = state.Status,
        Approved = state.Approved ? 1 : 0,
        Pause = state.Pause,
        Verdict = state.Verdict,
        EverRefused = state.EverRefused ? 1 : 0,
        SeenKeySha256 = state.Key == KeySha256 ? SeenKeySha256 : null,
        KeySha256 = state.Key,
        DeletedAtMs = state.Deleted ? DeletedAtMs ?? nowMs : null,
        UpdatedAtMs = nowMs,
    };

    /// <summary>Whether its token can bind nothing any more although none has.</summary>
    public bool TokenExpired(long nowMs) => TokenUsedAtMs is null && (TokenExpiresAtMs is not { } end || end <= nowMs);
}

internal sealed class NodeRowConfiguration : IEntityTypeConfiguration<NodeRow>
{
    public void Configure(EntityTypeBuilder<NodeRow> builder)
    {
        builder.HasKey(row => row.NodeId);
        builder.Ignore(row => row.State);
        builder.HasIndex(row => row.OwnerId);
        builder.HasIndex(row => row.DeviceId);
        builder.HasIndex(row => new { row.Status, row.UpdatedAtMs });
        builder.HasOne<Accounts.AccountRow>().WithMany().HasForeignKey(row => row.OwnerId).OnDelete(DeleteBehavior.Cascade);
    }
}

/// <summary>What the coordinator is to be told of a node, queued in the transaction of its cause.</summary>
internal enum NodeMessageKind
{
    /// <summary>It changed: ask again.</summary>
    Notify,

    /// <summary>Its rewards go to its owner's account.</summary>
    LinkRewards,
}

/// <summary>A message that waits.</summary>
internal sealed class NodeMessageRow
{
    /// <summary>UUID, version 7; also the key of its repetitions.</summary>
    public required string Id { get; init; }

    /// <summary>About which node.</summary>
    public required string NodeId { get; init; }

    /// <summary>Its owner when it was queued.</summary>
    public required string OwnerId { get; init; }

    /// <summary>What.</summary>
    public required NodeMessageKind Kind { get; init; }

    /// <summary>Tries that failed.</summary>
    public required long Attempts { get; init; }

    /// <summary>Not before this.</summary>
    public required long NextAttemptMs { get; init; }
}

internal sealed class NodeMessageRowConfiguration : IEntityTypeConfiguration<NodeMessageRow>
{
    public void Configure(EntityTypeBuilder<NodeMessageRow> builder)
    {
        builder.HasKey(row => row.Id);
        builder.HasIndex(row => row.NextAttemptMs);
        builder.HasIndex(row => row.NodeId);
    }
}
