using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.SecurityEvents;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger;
using EdgeCoder.Ledger.Equivocations;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Equivocations;

/// <summary>
/// What happens when a peer's log shows two histories (economy-and-ledger 9.7): the evidence is kept, the peer is suspended until an operator decides, and the own log says so
/// once, all in one transaction.
/// </summary>
internal sealed partial class LogEquivocations(IDbContextFactory<CoordinatorContext> contexts, SecurityLog security, ILogger<LogEquivocations> logger)
{
    private const string Name = "log_equivocation";
    private const int Most = 500;

    /// <summary>Keeps evidence that has been checked. Gives false where the same is kept already.</summary>
    public bool Keep(IStoreBatch batch, string peerId, EquivocationFile evidence, long nowMs)
    {
        // Whoever trusts any key of the log shall be able to check it, whichever signed.
        List<string> statements = batch.Query("SELECT statement FROM peer_keys WHERE peer_id = $1 AND statement IS NOT NULL ORDER BY from_ms", row => Convert.ToBase64String(row.Bytes(0)), peerId);
        evidence = statements.Count > 1 ? evidence with { Rotations = new(peerId, statements) } : evidence;
        var bytes = JsonSerializer.SerializeToUtf8Bytes(evidence, LedgerJson.Default.EquivocationFile);
        var row = new LogEquivocationRow { EvidenceSha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)), PeerId = peerId, Evidence = bytes, AtMs = nowMs };
        if (!batch.TryInsert(row))
        {
            return false;
        }

        batch.Execute("UPDATE peers SET status = $1, reason = $2 WHERE peer_id = $3", EnumText.Of(PeerStatus.Suspended), Name, peerId);
        security.Add(batch, SecurityEventKind.LogEquivocation, SecurityLog.Coordinator, peerId, "peer_suspended", nowMs, ("evidenceSha256", JsonValue.Create(row.EvidenceSha256)));
        return true;
    }

    /// <summary>Tells the operators' log, after the transaction.</summary>
    public void Tell(string peerId) => LogFound(peerId);

    /// <summary>What is kept, the newest first.</summary>
    public async Task<EquivocationList> ListAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken).ConfigureAwait(false);
        var rows = await context.Set<LogEquivocationRow>().OrderByDescending(row => row.AtMs).Take(Most).ToListAsync(cancellationToken).ConfigureAwait(false);
        return new([.. rows.Select(row => new EquivocationView(row.PeerId, row.EvidenceSha256, row.AtMs, Convert.ToBase64String(row.Evidence)))]);
    }

    [LoggerMessage(LogLevel.Critical, "The log of peer {PeerId} has two histories (log_equivocation). The evidence is kept, the peer is suspended; an operator decides")]
    private partial void LogFound(string peerId);
}
