using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.SecurityEvents;
using EdgeCoder.Coordinator.Standing;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Blacklists;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Coordinator.Blacklists;

/// <summary>
/// The chains of events: this coordinator's own, which it signs and whose events are leaves of its log, and those of peers (economy-and-ledger 14). Every
/// event is stored with its effect in one transaction.
/// </summary>
internal sealed class BlacklistChain(CoordinatorIdentity identity, Blacklist blacklist, AgentStanding standing, SecurityLog security)
{
    private const int Tries = 16;

    /// <summary>Whose own chain it is.</summary>
    public string Source => identity.PeerId;

    /// <summary>
    /// Adds an event to the own chain, with its effect and its entry of the log. Null when another silo took the place in the chain: the caller tries again in
    /// a new transaction, see <see cref="AppendAsync"/>.
    /// </summary>
    public SignedBlacklistEvent? Append(IStoreBatch batch, BlacklistDraft draft, long nowMs)
    {
        var (sequence, hash) = Head(batch, Source);
        var signed = SignedBlacklistEvent.Sign(
            new()
            {
                V = BlacklistEvent.Version,
                Action = draft.RevokesEventId is null ? BlacklistEvent.Add : BlacklistEvent.Revoke,
                RevokesEventId = draft.RevokesEventId,
                Sequence = sequence + 1,
                EventId = draft.EventId ?? Guid.NewGuid().ToString("D"),
                AgentId = draft.AgentId,
                SubjectKeyId = draft.SubjectKeyId,
                ReasonCode = draft.ReasonCode,
                Reason = draft.Reason,
                EvidenceHashSha256 = draft.EvidenceHash,
                ReporterId = draft.ReporterId,
                ReporterPublicKeyPem = draft.ReporterPublicKeyPem,
                ReporterSignature = draft.ReporterSignature,
                EvidenceSignatureVerified = draft.EvidenceVerified,
                EvidenceRef = draft.EvidenceRef,
                SourceCoordinatorId = Source,
                ReportedBy = draft.ReportedBy,
                TimestampMs = draft.TimestampMs,
                ExpiresAtMs = draft.ExpiresAtMs,
                PrevEventHash = hash,
            },
            identity.Key);
        if (!batch.TryInsert(Row(signed, draft.EvidenceVerified, nowMs)))
        {
            return null;
        }

        LogOutbox.Append(batch, "blacklist_event", "blacklist:" + signed.Event.EventId, null, Source, Encoding.UTF8.GetString(signed.Bytes), nowMs);
        if (draft.RevokesEventId is { } revoked)
        {
            End(batch, revoked, nowMs);
        }
        else
        {
            blacklist.Add(batch, Entry(signed.Event, nowMs));
        }

        return signed;
    }

    /// <summary>The same in its own transaction, again while other silos take the place.</summary>
    public async Task<SignedBlacklistEvent> AppendAsync(IStoreWriter writer, Func<IStoreBatch, BlacklistDraft> draft, Action<IStoreBatch>? beside, long nowMs, CancellationToken cancellationToken)
    {
        for (var count = 1; ; count++)
        {
            var made = await writer.WriteAsync(
                batch =>
                {
                    var signed = Append(batch, draft(batch), nowMs);
                    if (signed is not null)
                    {
                        beside?.Invoke(batch);
                    }

                    return signed;
                },
                cancellationToken).ConfigureAwait(false);
            if (made is not null)
            {
                return made;
            }

            if (count == Tries)
            {
                throw new InvalidOperationException("The blacklist's chain was taken by other silos each time.");
            }
        }
    }

    /// <summary>
    /// Takes an event that a peer sends or relays, in any order and any number of times. What is refused changes nothing; a second event that its source has signed for one place is told as
    /// a security event, once. An entry whose proof verifies here is
    /// a ban; another quarantines the agent and waits for an operator.
    /// </summary>
    /// <param name="batch">Transaction.</param>
    /// <param name="received">What came, its form read.</param>
    /// <param name="sourceKey">Key of the approved peer that the event names as its source; null without one.</param>
    /// <param name="isProven">Whether the proof of bans (P1, P2) verifies here.</param>
    /// <param name="evidenceVerified">Whether the reporter's signature verifies here.</param>
    /// <param name="nowMs">Now.</param>
    public BlacklistAdmissionVerdict Ingest(IStoreBatch batch, SignedBlacklistEvent received, VerifyingKey? sourceKey, bool isProven, bool evidenceVerified, long nowMs)
    {
        var said = received.Event;
        var (sequence, hash) = Head(batch, said.SourceCoordinatorId);
        var known = batch.Query("SELECT event_hash FROM blacklist_events WHERE source = $1 AND sequence = $2", r => r.Text(0), said.SourceCoordinatorId, said.Sequence) is [var at] ? at : null;

        // Nobody else makes events of the own chain: one that is not known here is refused, whatever its signature.
        var key = said.SourceCoordinatorId == Source ? known is null ? null : identity.PublicKeys.FirstOrDefault(received.IsSignedBy) ?? identity.Key.PublicKey : sourceKey;
        var verdict = BlacklistAdmission.Judge(received, key, sequence, hash, known);
        if (verdict is not BlacklistAdmissionVerdict.Next)
        {
            if (known is not null && known != received.Hash && key is not null && received.HasItsHash && received.IsSignedBy(key))
            {
                security.AddOnce(
                    batch, $"{said.SourceCoordinatorId} {said.Sequence}", SecurityEventKind.BlacklistChainTamper, SecurityLog.Coordinator, said.SourceCoordinatorId, "refused", nowMs,
                    ("sequence", JsonValue.Create(said.Sequence)), ("known", JsonValue.Create(known)), ("other", JsonValue.Create(received.Hash)));
            }

            return verdict;
        }

        if (batch.Query("SELECT 1 FROM blacklist_events WHERE event_id = $1", r => r.Number(0), said.EventId).Count > 0)
        {
            return BlacklistAdmissionVerdict.InvalidBlacklistPayload;
        }

        if (!batch.TryInsert(Row(received, evidenceVerified, nowMs)))
        {
            // Another silo stored it at this moment.
            return BlacklistAdmissionVerdict.Duplicate;
        }

        if (said.RevokesEventId is { } revoked)
        {
            // A peer ends what it began itself, and nothing of anybody else.
            if (batch.Query("SELECT 1 FROM blacklist_events WHERE source = $1 AND event_id = $2", r => r.Number(0), said.SourceCoordinatorId, revoked).Count > 0)
            {
                End(batch, revoked, nowMs);
            }
        }
        else if (isProven)
        {
            blacklist.Add(batch, Entry(said, nowMs));
        }
        else
        {
            Review(batch, said, nowMs);
        }

        blacklist.Changed(batch);
        return verdict;
    }

    /// <summary>Last sequence and hash of a source's chain.</summary>
    public static (long Sequence, string Hash) Head(IStoreBatch batch, string source) =>
        batch.Query("SELECT sequence, event_hash FROM blacklist_events WHERE source = $1 ORDER BY sequence DESC LIMIT 1", r => (r.Number(0), r.Text(1)), source) is [var head] ? head : (0, BlacklistEvent.Genesis);

    // What a local operator ended before it came stays ended.
    private void Review(IStoreBatch batch, BlacklistEvent said, long nowMs)
    {
        if (said.ExpiresAtMs <= nowMs || batch.Query("SELECT 1 FROM blacklist_events WHERE source = $1 AND revokes_event_id = $2", r => r.Number(0), Source, said.EventId).Count > 0)
        {
            return;
        }

        batch.TryInsert(new BlacklistReportRow
        {
            ReportId = said.EventId, AgentId = said.AgentId, ReasonCode = said.ReasonCode, Reason = said.Reason, ReporterId = said.SourceCoordinatorId, EvidenceHash = said.EvidenceHashSha256,
            EvidenceRef = said.EvidenceRef, TimestampMs = said.TimestampMs,
        });
        standing.Quarantine(batch, said.AgentId, Rule(said.EventId), Math.Min(said.ExpiresAtMs ?? long.MaxValue, nowMs + AgentStanding.QuarantineMs), nowMs);
    }

    private void End(IStoreBatch batch, string eventId, long nowMs)
    {
        blacklist.Revoke(batch, eventId, nowMs);
        standing.Release(batch, Rule(eventId), nowMs);
        batch.Execute("UPDATE blacklist_reports SET closed_at_ms = $1 WHERE report_id = $2 AND closed_at_ms IS NULL", nowMs, eventId);
    }

    private static string Rule(string eventId) => "peer_blacklist:" + eventId;

    private static BlacklistEntryRow Entry(BlacklistEvent said, long nowMs) => new()
    {
        EventId = said.EventId, AgentId = said.AgentId, ReasonCode = said.ReasonCode, Reason = said.Reason, CreatedAtMs = nowMs, ExpiresAtMs = said.ExpiresAtMs,
    };

    private static BlacklistEventRow Row(SignedBlacklistEvent signed, bool evidenceVerified, long nowMs) => new()
    {
        Source = signed.Event.SourceCoordinatorId,
        Sequence = signed.Event.Sequence,
        EventId = signed.Event.EventId,
        EventHash = signed.Hash,
        Signed = signed.Bytes,
        CoordinatorSignature = signed.Signature,
        AgentId = signed.Event.AgentId,
        RevokesEventId = signed.Event.RevokesEventId,
        EvidenceVerified = evidenceVerified,
        ReceivedAtMs = nowMs,
    };
}

/// <summary>An event before it has its place in the chain.</summary>
internal sealed record BlacklistDraft
{
    /// <summary>UUID; null: a new one.</summary>
    public string? EventId { get; init; }

    /// <summary>Entry that it ends.</summary>
    public string? RevokesEventId { get; init; }

    /// <summary>Whom it is about.</summary>
    public required string AgentId { get; init; }

    /// <summary>The agent's key.</summary>
    public string? SubjectKeyId { get; init; }

    /// <summary>Code.</summary>
    public required string ReasonCode { get; init; }

    /// <summary>In words.</summary>
    public required string Reason { get; init; }

    /// <summary>SHA-256 of the evidence, hex.</summary>
    public required string EvidenceHash { get; init; }

    /// <summary>Where it is.</summary>
    public string? EvidenceRef { get; init; }

    /// <summary>Reporter.</summary>
    public required string ReporterId { get; init; }

    /// <summary>Its key, PEM.</summary>
    public string? ReporterPublicKeyPem { get; init; }

    /// <summary>Its signature.</summary>
    public string? ReporterSignature { get; init; }

    /// <summary>Whether that verifies.</summary>
    public bool EvidenceVerified { get; init; }

    /// <summary>Whose decision.</summary>
    public required string ReportedBy { get; init; }

    /// <summary>When it was reported.</summary>
    public required long TimestampMs { get; init; }

    /// <summary>End by itself.</summary>
    public long? ExpiresAtMs { get; init; }
}
