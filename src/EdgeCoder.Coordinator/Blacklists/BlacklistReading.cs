using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Standing;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Ledger.Blacklists;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Blacklists;

/// <summary>What the routes show of the events.</summary>
internal sealed class BlacklistReading(IDbContextFactory<CoordinatorContext> contexts, CoordinatorIdentity identity, TimeProvider time)
{
    // Each event has at most some kilobytes, twice: what is read of a peer has a limit.
    private const int Page = 50;

    /// <summary><c>{version, records, lastEventHash}</c>: the entries in force.</summary>
    public async Task<JsonObject> ActiveAsync(CancellationToken cancellationToken)
    {
        var events = await EventsAsync(cancellationToken).ConfigureAwait(false);
        var active = ActiveBlacklist.Of(events.Select(e => e.Event), identity.PeerId, time.GetUtcNow().ToUnixTimeMilliseconds()).Select(e => (e.SourceCoordinatorId, e.Sequence)).ToHashSet();
        return new()
        {
            ["version"] = events.Count,
            ["records"] = new JsonArray([.. events.Where(e => active.Contains((e.Event.SourceCoordinatorId, e.Event.Sequence))).Select(e => e.Show())]),
            ["lastEventHash"] = HeadOf(events),
        };
    }

    /// <summary><c>{version, chainHead, events}</c>: every event, by source and sequence; or those of one source after a sequence, a page of them.</summary>
    public async Task<JsonObject> AuditAsync(string? source, long after, CancellationToken cancellationToken)
    {
        if (source is not null)
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
            var rows = await context.Set<BlacklistEventRow>().Where(r => r.Source == source && r.Sequence > after).OrderBy(r => r.Sequence).Take(Page).ToListAsync(cancellationToken).ConfigureAwait(false);
            return new() { ["events"] = new JsonArray([.. rows.Select(r => Read(r).Show())]) };
        }

        var events = await EventsAsync(cancellationToken).ConfigureAwait(false);
        return new() { ["version"] = events.Count, ["chainHead"] = HeadOf(events), ["events"] = new JsonArray([.. events.Select(e => e.Show())]) };
    }

    /// <summary><c>{ok, record, report, version, chainHead}</c>: what a post has done.</summary>
    public async Task<JsonObject> DoneAsync(SignedBlacklistEvent? record, JsonNode? report, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var head = await context.Set<BlacklistEventRow>().Where(r => r.Source == identity.PeerId).OrderByDescending(r => r.Sequence).Select(r => r.EventHash).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        return new()
        {
            ["ok"] = true,
            ["record"] = record?.Show(),
            ["report"] = report,
            ["version"] = await context.Set<BlacklistEventRow>().CountAsync(cancellationToken).ConfigureAwait(false),
            ["chainHead"] = head ?? BlacklistEvent.Genesis,
        };
    }

    /// <summary>An event by its id; null without one.</summary>
    public async Task<SignedBlacklistEvent?> FindAsync(string eventId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<BlacklistEventRow>().SingleOrDefaultAsync(r => r.EventId == eventId, cancellationToken).ConfigureAwait(false) is { } row ? Read(row) : null;
    }

    /// <summary>The event by which this coordinator ended an entry, or its source did; null while it stands.</summary>
    public async Task<SignedBlacklistEvent?> EndOfAsync(BlacklistEvent entry, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var row = await context.Set<BlacklistEventRow>()
            .FirstOrDefaultAsync(r => r.RevokesEventId == entry.EventId && (r.Source == identity.PeerId || r.Source == entry.SourceCoordinatorId), cancellationToken).ConfigureAwait(false);
        return row is null ? null : Read(row);
    }

    /// <summary>The signed bytes that an automatic ban rests on: 404 <c>evidence_not_found</c>.</summary>
    public async Task<byte[]> EvidenceAsync(string hash, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<BlacklistEvidenceRow>().Where(r => r.Hash == hash).Select(r => r.Content).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new Refusal(404, "evidence_not_found", "No automatic ban of this coordinator rests on an evidence with this hash.");
    }

    /// <summary>Open reports, all appeals, and quarantines that nobody has looked at; the newest first.</summary>
    public async Task<BlacklistReviews> ReviewsAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var reports = await context.Set<BlacklistReportRow>().Where(r => r.ClosedAtMs == null).OrderByDescending(r => r.TimestampMs).Take(500).ToListAsync(cancellationToken).ConfigureAwait(false);
        var appeals = await context.Set<BlacklistAppealRow>().OrderByDescending(r => r.TimestampMs).Take(500).ToListAsync(cancellationToken).ConfigureAwait(false);
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var quarantines = await context.Set<AgentRow>()
            .Where(a => a.QuarantinedUntilMs > nowMs && !context.Set<QuarantineReviewRow>().Any(q => q.AgentId == a.AgentId && q.UntilMs == a.QuarantinedUntilMs))
            .OrderByDescending(a => a.QuarantinedUntilMs).Take(500).ToListAsync(cancellationToken).ConfigureAwait(false);
        return new(
            [.. reports.Select(r => new BlacklistReportView(r.ReportId, r.AgentId, r.ReasonCode, r.Reason, r.ReporterId, r.EvidenceHash, r.EvidenceRef, r.TimestampMs))],
            [.. appeals.Select(r => new BlacklistAppealView(r.AppealId, r.EventId, r.AgentId, r.State, r.TimestampMs, r.Decision, r.Statement))],
            [.. quarantines.Select(a => new QuarantineToReview(a.AgentId, a.QuarantineRule, a.QuarantinedUntilMs!.Value))]);
    }

    // Sorted here: databases order texts each in their own way.
    private async Task<List<SignedBlacklistEvent>> EventsAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var rows = await context.Set<BlacklistEventRow>().ToListAsync(cancellationToken).ConfigureAwait(false);
        return [.. rows.OrderBy(r => r.Source, StringComparer.Ordinal).ThenBy(r => r.Sequence).Select(Read)];
    }

    private string HeadOf(List<SignedBlacklistEvent> events) => events.LastOrDefault(e => e.Event.SourceCoordinatorId == identity.PeerId)?.Hash ?? BlacklistEvent.Genesis;

    private static SignedBlacklistEvent Read(BlacklistEventRow row) =>
        SignedBlacklistEvent.TryRead(row.Signed, row.EventHash, row.CoordinatorSignature, out var signed) ? signed : throw new InvalidDataException($"Event {row.EventId} of the blacklist is damaged in the store.");
}
