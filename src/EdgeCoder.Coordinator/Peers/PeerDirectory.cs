using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Signatures;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Protocol.Keys;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Peers;

/// <summary>A key of a peer and when it counts.</summary>
/// <param name="Key">The key.</param>
/// <param name="FromMs">From when on it signs.</param>
/// <param name="UntilMs">Until when it counts; null: no end.</param>
internal sealed record PeerKey(VerifyingKey Key, long FromMs, long? UntilMs)
{
    /// <summary>Whether it counts at a moment, with some allowance for clocks.</summary>
    public bool CountsAt(long atMs, long skewMs = 0) => FromMs <= atMs + skewMs && (UntilMs is not { } end || end > atMs - skewMs);
}

/// <summary>
/// Approved peers and their keys. Peers ask seldom, so the rows are read each time: a suspension counts at once, on every silo.
/// </summary>
internal sealed class PeerDirectory(IDbContextFactory<CoordinatorContext> contexts, TimeProvider time) : IPeerKeys
{
    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<VerifyingKey>> FindAsync(string peerId, CancellationToken cancellationToken) =>
        await ActiveAsync(peerId, cancellationToken).ConfigureAwait(false) is null ? [] : Counting(await KeysAsync(peerId, cancellationToken).ConfigureAwait(false));

    /// <summary>The keys that count now, newest first. One that begins within the allowance for clocks counts already: it was announced.</summary>
    public IReadOnlyList<VerifyingKey> Counting(IEnumerable<PeerKey> keys)
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        return [.. keys.Where(key => key.UntilMs is not { } end || end > nowMs).OrderByDescending(key => key.FromMs).Select(key => key.Key)];
    }

    /// <summary>The statements of a peer's keys as it has told them, oldest first, base64; none where its key was never changed.</summary>
    public async Task<IReadOnlyList<string>> StatementsAsync(string peerId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var rows = await context.Set<PeerKeyRow>().Where(row => row.PeerId == peerId && row.Statement != null).OrderBy(row => row.FromMs).Select(row => row.Statement!).ToListAsync(cancellationToken).ConfigureAwait(false);
        return rows.ConvertAll(Convert.ToBase64String);
    }

    /// <summary>The key that a peer signs with now: the newest that has begun.</summary>
    public VerifyingKey? Current(IEnumerable<PeerKey> keys)
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        return keys.Where(key => key.FromMs <= nowMs).MaxBy(key => key.FromMs)?.Key;
    }

    /// <summary>Whether a note is signed by a peer's log with a key that counts at a moment.</summary>
    public async Task<bool> HasSignedAsync(string peerId, SignedNote note, long atMs, CancellationToken cancellationToken) =>
        (await KeysAsync(peerId, cancellationToken).ConfigureAwait(false)).Any(key => key.CountsAt(atMs) && note.IsSignedBy(NoteKey.Of(Checkpoint.OriginOf(peerId), NoteKeyType.Ed25519, key.Key)));

    /// <summary>An active peer; null for every other.</summary>
    public async Task<PeerRow?> ActiveAsync(string peerId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<PeerRow>().FirstOrDefaultAsync(row => row.PeerId == peerId && row.Status == PeerStatus.Active, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Every active peer, by id.</summary>
    public async Task<IReadOnlyList<PeerRow>> ActiveAsync(CancellationToken cancellationToken) => [.. (await AllAsync(cancellationToken).ConfigureAwait(false)).Where(row => row.Status == PeerStatus.Active)];

    /// <summary>Every peer, by id.</summary>
    public async Task<IReadOnlyList<PeerRow>> AllAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var rows = await context.Set<PeerRow>().ToListAsync(cancellationToken).ConfigureAwait(false);
        return [.. rows.OrderBy(row => row.PeerId, StringComparer.Ordinal)];
    }

    /// <summary>All keys that a peer has had, however it stands, in the order in which they came.</summary>
    public async Task<IReadOnlyList<PeerKey>> KeysAsync(string peerId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var rows = await context.Set<PeerKeyRow>().Where(row => row.PeerId == peerId).OrderBy(row => row.FromMs).ToListAsync(cancellationToken).ConfigureAwait(false);
        return [.. rows.Select(row => VerifyingKey.TryParse(row.PublicKeyPem, out var key) ? new PeerKey(key, row.FromMs, row.UntilMs) : throw new InvalidDataException($"A key of peer {peerId} is damaged in the store."))];
    }
}
