using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.OperatorAudit;

namespace EdgeCoder.Portal.Audit;

/// <summary>
/// Writes the audit log (portal-and-control-plane 10.3). Called inside the transaction of what is done: when the row cannot be written, what was done is undone. Ids only: a text with a mail
/// address is a fault of the program and refused.
/// </summary>
internal static class AuditLog
{
    private const int MostJson = 8 * 1024;
    private const int MostReason = 500;

    private static readonly SearchValues<char> Ids = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:-");
    private static readonly SearchValues<char> Actions = SearchValues.Create("abcdefghijklmnopqrstuvwxyz_.");

    /// <summary>Adds a row: 1. the head is read and moved on; 2. the row is written.</summary>
    /// <param name="batch">Transaction of what is done.</param>
    /// <param name="by">Who, taken before the transaction.</param>
    /// <param name="action">What, as <c>node.approved</c>: lower-case words with dots and underlines.</param>
    /// <param name="target">To what, as <c>node:ID</c>.</param>
    /// <param name="nowMs">When.</param>
    /// <param name="before">What was; ids, numbers and codes only.</param>
    /// <param name="after">What is; ids, numbers and codes only.</param>
    /// <param name="reason">Why, in the words of the actor, checked by <see cref="IsReason"/> where it came in.</param>
    /// <param name="about">Whose concern it is besides actor and target, as <c>user:ID</c>: that person sees the row.</param>
    /// <param name="changeId">Change request that it belongs to.</param>
    /// <param name="evidenceRef">Evidence kept elsewhere.</param>
    /// <exception cref="ArgumentException">It holds what an audit log must not.</exception>
    public static void Append(
        IStoreBatch batch, AuditSource by, string action, string target, long nowMs, JsonObject? before = null, JsonObject? after = null, string? reason = null, string? about = null, string? changeId = null, string? evidenceRef = null)
    {
        Check(by, action, target, reason, about);

        // 1. A second process that moves the same head begins again, so rows are numbered without gaps and no two follow the same one.
        if (batch.Query("SELECT seq, hash FROM audit_heads WHERE id = $1", row => (row.Number(0), row.Text(1)), AuditHeadRow.Only) is not [var (seq, previous)])
        {
            (seq, previous) = (0, AuditLine.Genesis);
            batch.TryInsert(new AuditHeadRow { Id = AuditHeadRow.Only, Seq = seq, Hash = previous, CheckpointedSeq = 0 });
        }

        var line = new AuditLine
        {
            Seq = seq + 1, AtMs = nowMs, Actor = by.Actor, Via = by.Via, Action = action, Target = target, About = about, Before = Json(before), After = Json(after),
            Reason = reason, ChangeId = changeId, EvidenceRef = evidenceRef, TraceId = by.TraceId, PrevHash = previous,
        };
        var hash = line.ComputeHash();
        if (batch.Execute("UPDATE audit_heads SET seq = $1, hash = $2 WHERE id = $3 AND seq = $4", line.Seq, hash, AuditHeadRow.Only, seq) != 1)
        {
            throw new InvalidOperationException("The head of the audit log moved inside one transaction.");
        }

        // 2.
        batch.Insert(new AuditLineRow
        {
            Seq = line.Seq, AtMs = line.AtMs, Actor = line.Actor, Via = line.Via, Action = line.Action, Target = line.Target, About = line.About, Before = line.Before, After = line.After,
            Reason = line.Reason, ChangeId = line.ChangeId, EvidenceRef = line.EvidenceRef, TraceId = line.TraceId, PrevHash = line.PrevHash, Hash = hash,
        });
    }

    /// <summary>Whether a text may be the reason of a row: 3 to 500 characters, no control characters, and no <c>@</c>, because addresses do not belong there.</summary>
    public static bool IsReason(string text) => text.Length is >= 3 and <= MostReason && !text.Contains('@', StringComparison.Ordinal) && !text.Any(char.IsControl);

    private static void Check(AuditSource by, string action, string target, string? reason, string? about)
    {
        if (action.Length is < 3 or > 64 || action.AsSpan().ContainsAnyExcept(Actions))
        {
            throw new ArgumentException("An action is lower-case words with dots and underlines.", nameof(action));
        }

        foreach (var id in new[] { by.Actor, by.Via, target, about ?? "none" })
        {
            if (id.Length is 0 or > 200 || id.AsSpan().ContainsAnyExcept(Ids))
            {
                throw new ArgumentException("The audit log holds ids only.", nameof(target));
            }
        }

        if (reason is not null && !IsReason(reason))
        {
            throw new ArgumentException("A reason has 3 to 500 characters, without addresses.", nameof(reason));
        }
    }

    private static string? Json(JsonObject? value)
    {
        if (value is null)
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(CanonicalJson.Write(value));
        return text.Length <= MostJson && !text.Contains('@', StringComparison.Ordinal) ? text : throw new ArgumentException("The audit log holds ids, numbers and codes only, and few of them.", nameof(value));
    }
}
