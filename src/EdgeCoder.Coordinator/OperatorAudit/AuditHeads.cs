using System.Globalization;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Records;

namespace EdgeCoder.Coordinator.OperatorAudit;

/// <summary>
/// Heads of the portal's audit log become records of this coordinator's log (economy-and-ledger 10, <c>audit_head</c>): whoever makes the audit log anew afterwards is found out with
/// <c>edgecoder verify audit --log</c>. A head that goes back is refused, because the log would then hold two pasts.
/// </summary>
internal sealed class AuditHeads(IStoreWriter writer, TimeProvider time)
{
    /// <summary>
    /// Takes a head. The same again changes nothing. Throws <see cref="Refusal"/>: 400 <c>validation_failed</c>; 409 <c>audit_head_conflict</c> for another hash of a known row, <c>audit_head_went_back</c> for a
    /// row before it.
    /// </summary>
    public Task<AuditHeadAnswer> TakeAsync(AuditHeadReport report, CancellationToken cancellationToken)
    {
        if (report.Seq is not > 0 || !BlobStore.IsDigest(report.Hash))
        {
            throw Refusal.Invalid([new("seq", "the number of a row, from 1"), new("hash", "64 lower-case hex digits")]);
        }

        var (seq, hash, nowMs) = (report.Seq.Value, report.Hash!, time.GetUtcNow().ToUnixTimeMilliseconds());
        return writer.WriteAsync(
            batch =>
            {
                if (batch.Query("SELECT seq, hash FROM operator_audit_heads WHERE source = $1", row => (Seq: row.Number(0), Hash: row.Text(1)), OperatorAuditHeadRow.Portal) is not [var known])
                {
                    batch.Insert(new OperatorAuditHeadRow { Source = OperatorAuditHeadRow.Portal, Seq = seq, Hash = hash, AtMs = nowMs });
                }
                else if (seq == known.Seq)
                {
                    return hash == known.Hash ? new AuditHeadAnswer(seq, false) : throw new Refusal(409, "audit_head_conflict", "This row of the audit log has another hash in the coordinator's log. The audit log was changed: compare an export with edgecoder verify audit --log.");
                }
                else if (seq < known.Seq)
                {
                    throw new Refusal(409, "audit_head_went_back", string.Create(CultureInfo.InvariantCulture, $"The coordinator's log knows row {known.Seq} of the audit log. The portal's store is older than that: restore the newest one."));
                }
                else
                {
                    batch.Execute("UPDATE operator_audit_heads SET seq = $1, hash = $2, at_ms = $3 WHERE source = $4", seq, hash, nowMs, OperatorAuditHeadRow.Portal);
                }

                LogOutbox.Append(batch, RecordTypes.AuditHead, "audit", null, LogOutbox.Self, string.Create(CultureInfo.InvariantCulture, $$"""{"hash":"{{hash}}","seq":{{seq}}}"""), nowMs);
                return new AuditHeadAnswer(seq, true);
            },
            cancellationToken);
    }
}
