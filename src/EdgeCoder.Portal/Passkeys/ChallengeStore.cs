using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Composition;
using EdgeCoder.Portal.Sessions;

namespace EdgeCoder.Portal.Passkeys;

/// <summary>Challenges as rows that are taken once.</summary>
/// <param name="writer">Writes.</param>
/// <param name="settings">How long they are good.</param>
/// <param name="time">Clock.</param>
internal sealed class ChallengeStore(IStoreWriter writer, PortalSettings settings, TimeProvider time)
{
    /// <summary>When a challenge made now ends.</summary>
    public long ExpiresAtMs => time.GetUtcNow().ToUnixTimeMilliseconds() + (long)settings.Passkeys.ChallengeTime.TotalMilliseconds;

    /// <summary>Keeps a challenge.</summary>
    public async Task KeepAsync(string id, ChallengeFlow flow, SignedIn? person, string state, byte[] canonicalAction, long expiresAtMs, CancellationToken cancellationToken, byte[]? nonce = null) => await writer.WriteAsync(
        batch =>
        {
            batch.Insert(new ChallengeRow { Id = id, Flow = flow, AccountId = person?.AccountId, SessionHash = person?.KeyHash, State = state, CanonicalAction = canonicalAction, Nonce = nonce ?? [], ExpiresAtMs = expiresAtMs });
            return true;
        },
        cancellationToken).ConfigureAwait(false);

    /// <summary>Takes a challenge out: one conditional write, before its answer is looked at. Null when it is none, too old, of another flow, person or session, or taken already.</summary>
    public Task<(string State, byte[] CanonicalAction, byte[] Nonce)?> TakeAsync(string? id, ChallengeFlow flow, SignedIn? person, CancellationToken cancellationToken)
    {
        if (!Guid.TryParseExact(id, "D", out _))
        {
            return Task.FromResult<(string, byte[], byte[])?>(null);
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return writer.WriteAsync(
            batch =>
            {
                var found = batch.Query(
                    "SELECT state, canonical_action, account_id, session_hash, nonce FROM challenges WHERE id = $1 AND flow = $2 AND expires_at_ms > $3",
                    row => (State: row.Text(0), Action: row.Bytes(1), Account: row.TextOrNull(2), Session: row.TextOrNull(3), Nonce: row.Bytes(4)), id, EnumText.Of(flow), now);
                return batch.Execute("DELETE FROM challenges WHERE id = $1", id) == 1 && found is [var one] && one.Account == person?.AccountId && one.Session == person?.KeyHash
                    ? ((string, byte[], byte[])?)(one.State, one.Action, one.Nonce)
                    : null;
            },
            cancellationToken);
    }
}
