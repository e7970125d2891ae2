using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Issuance;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Payments;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Problems;
using EdgeCoder.Protocol.Tasks;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Coordinator.Prices;

/// <summary>Agreeing on prices and keeping them (economy-and-ledger 5). Prices are this coordinator's own; each is a leaf of its log.</summary>
internal sealed class PriceDesk(IStoreWriter writer, IDbContextFactory<CoordinatorContext> contexts, PriceQuotes quotes, QuorumMembers quorum, PeerQuotes peerQuotes, CoordinatorIdentity identity, PaymentClock time)
{
    private const long SkewMs = 120_000;

    private static readonly ResourceClass[] Classes = [ResourceClass.Cpu, ResourceClass.Gpu];

    /// <summary>The current prices.</summary>
    public async Task<IReadOnlyList<PriceEpochRow>> CurrentAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<PriceEpochRow>().Where(row => row.Status == PriceEpochStatus.Current).ToListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Keeps a member's signed quotes of both classes. They change no price. Throws 403 <c>coordinator_not_approved</c> unless the coordinator is a member, sent them itself
    /// where it is a peer, and signed them.
    /// </summary>
    public async Task<IReadOnlyList<PriceQuote>> ProposeAsync(PriceProposal proposal, Caller caller, CancellationToken cancellationToken)
    {
        List<FieldIssue> issues = [];
        foreach (var (name, value) in new[] { ("cpuCapacity", proposal.CpuCapacity), ("gpuCapacity", proposal.GpuCapacity), ("queuedTasks", proposal.QueuedTasks), ("activeAgents", proposal.ActiveAgents) })
        {
            FieldRules.Require(issues, value is >= 0 and <= int.MaxValue, name, "0 or more");
        }

        FieldRules.Require(issues, proposal.Quotes is { Count: 2 }, "quotes", "two signed quotes, cpu and gpu, as base64 of their exact bytes");
        FieldRules.ThrowIfAny(issues);
        var member = (await quorum.NowAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault(one => one.CoordinatorId == proposal.CoordinatorId);
        if (member is null || (caller.Kind == CallerKinds.Peer && caller.Name != member.CoordinatorId))
        {
            throw new Refusal(403, "coordinator_not_approved", "Only approved coordinators propose prices here, each its own.");
        }

        var nowMs = time.NowMs;
        var read = proposal.Quotes!.Select(text => Base64Text.TryRead(text) is { } bytes && PriceQuotes.Read(bytes, member.CoordinatorId, member.Key) is { } quote ? (Quote: quote, Bytes: bytes) : default).ToList();
        if (read.Any(one => one.Quote is null) || !Classes.All(one => read.Exists(quote => quote.Quote.ResourceClass == one)) || read.Any(one => Math.Abs(nowMs - one.Quote.CreatedAtMs) > PriceNegotiation.FreshMs))
        {
            throw new Refusal(400, "price_quote_invalid", "Both quotes must be canonical, of now, and signed by the coordinator that proposes them.");
        }

        await writer.WriteAsync(batch => Keep(batch, read), cancellationToken).ConfigureAwait(false);
        return [.. read.Select(one => one.Quote)];
    }

    /// <summary>
    /// Agrees on a price of both classes: the own quotes of now and the members' stored ones. Both or none. Throws 409 <c>quote_quorum_missing</c>.
    /// </summary>
    public async Task<IReadOnlyList<(PriceEpochRow Epoch, IReadOnlyList<PriceQuote> Quotes)>> AgreeAsync(CancellationToken cancellationToken)
    {
        var members = await quorum.NowAsync(cancellationToken).ConfigureAwait(false);
        var asked = await peerQuotes.AskAsync(members, cancellationToken).ConfigureAwait(false);
        var own = await quotes.FiguresAsync(cancellationToken).ConfigureAwait(false);
        var made = Classes.ToDictionary(one => one, one => (Quote: quotes.Sign(one, own).Quote, EpochId: Guid.NewGuid().ToString()));
        var nowMs = time.NowMs;
        return await writer.WriteAsync<IReadOnlyList<(PriceEpochRow, IReadOnlyList<PriceQuote>)>>(
            batch =>
            {
                Keep(batch, asked);
                return [.. Classes.Select(one => Agree(batch, members, made[one].Quote, made[one].EpochId, nowMs))];
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes a proposed price current. Doing it again changes nothing; 404 <c>price_epoch_not_found</c>, 409 <c>price_epoch_replaced</c>.</summary>
    public async Task<PriceEpochRow> ApproveAsync(string epochId, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(
            batch =>
            {
                if (batch.Query("SELECT resource_class, status FROM price_epochs WHERE epoch_id = $1", row => (Class: row.Text(0), Status: row.Enum<PriceEpochStatus>(1)), epochId) is not [var found])
                {
                    throw new Refusal(404, "price_epoch_not_found", "There is no such price here.");
                }

                if (found.Status == PriceEpochStatus.Replaced)
                {
                    throw new Refusal(409, "price_epoch_replaced", "A later price took its place. Agree on a new one.");
                }

                if (found.Status == PriceEpochStatus.Proposed)
                {
                    batch.Execute("UPDATE price_epochs SET status = 'replaced' WHERE resource_class = $1 AND status = 'current'", found.Class);
                    batch.Execute("UPDATE price_epochs SET status = 'current' WHERE epoch_id = $1", epochId);
                }

                return true;
            },
            cancellationToken).ConfigureAwait(false);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        return await context.Set<PriceEpochRow>().SingleAsync(row => row.EpochId == epochId, cancellationToken).ConfigureAwait(false);
    }

    private (PriceEpochRow Epoch, IReadOnlyList<PriceQuote> Quotes) Agree(IStoreBatch batch, IReadOnlyList<QuorumPeer> members, PriceQuote own, string epochId, long nowMs)
    {
        var name = EnumText.Of(own.ResourceClass);
        var stored = batch.Query("SELECT coordinator_id, document FROM price_quotes WHERE resource_class = $1", row => (Id: row.Text(0), Document: row.Bytes(1)), name)
            .Where(one => one.Id != identity.PeerId)
            .Select(one => members.FirstOrDefault(member => member.CoordinatorId == one.Id) is { } member ? PriceQuotes.Read(one.Document, one.Id, member.Key) : null)
            .OfType<PriceQuote>();
        var current = batch.Query("SELECT price_per_compute_unit_sats FROM price_epochs WHERE status = 'current' AND resource_class = $1", row => row.Number(0), name);
        if (PriceNegotiation.Judge([.. members.Select(member => new QuorumMember(member.CoordinatorId, member.CoordinatorId == identity.PeerId ? null : PeerScores.Of(batch, member.CoordinatorId)))], [own, .. stored], current is [var price] ? price : null, nowMs, SkewMs) is not NegotiationVerdict.Agreed agreed)
        {
            throw new Refusal(409, "quote_quorum_missing", "Too few approved coordinators quoted in the last five minutes. The price stays as it is.");
        }

        var row = Epoch(own, agreed, epochId, nowMs);

        // A price that waits is of its moment: the next one, agreed or proposed, takes its place. One in force stays until another is.
        batch.Execute("UPDATE price_epochs SET status = 'replaced' WHERE resource_class = $1 AND (status = 'proposed' OR (status = 'current' AND $2 = 'current'))", name, EnumText.Of(row.Status));
        batch.Insert(row);
        LogOutbox.Append(batch, "price_epoch", epochId, null, identity.PeerId, System.Text.Encoding.UTF8.GetString(row.Document), nowMs);
        return (row, agreed.Quotes);
    }

    private PriceEpochRow Epoch(PriceQuote own, NegotiationVerdict.Agreed agreed, string epochId, long nowMs)
    {
        var epoch = new PriceEpoch
        {
            V = 1,
            EpochId = epochId,
            CoordinatorId = identity.PeerId,
            ResourceClass = own.ResourceClass,
            PricePerComputeUnitSats = agreed.Price,
            SupplyIndex = own.SupplyIndex,
            DemandIndex = own.DemandIndex,
            NegotiatedWith = [.. agreed.Quotes.Select(quote => quote.CoordinatorId).Where(id => id != identity.PeerId)],
            CreatedAtMs = nowMs,
        };
        return new()
        {
            EpochId = epochId,
            CoordinatorId = identity.PeerId,
            ResourceClass = own.ResourceClass,
            PricePerComputeUnitSats = agreed.Price,
            Document = SignedDocument.Sign(DocumentContexts.PriceEpoch, epoch, PriceDocumentJson.Default.PriceEpoch, identity.Key),
            Status = agreed.IsJump ? PriceEpochStatus.Proposed : PriceEpochStatus.Current,
            CreatedAtMs = nowMs,
        };
    }

    // The newest quote of each, whoever brought it.
    private static bool Keep(IStoreBatch batch, IEnumerable<(PriceQuote Quote, byte[] Bytes)> read)
    {
        foreach (var (quote, bytes) in read)
        {
            batch.Execute("DELETE FROM price_quotes WHERE coordinator_id = $1 AND resource_class = $2", quote.CoordinatorId, EnumText.Of(quote.ResourceClass));
            batch.Insert(new PriceQuoteRow { CoordinatorId = quote.CoordinatorId, ResourceClass = quote.ResourceClass, Document = bytes, CreatedAtMs = quote.CreatedAtMs });
        }

        return true;
    }
}
