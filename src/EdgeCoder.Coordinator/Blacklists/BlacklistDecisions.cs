using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Signatures;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Blacklists;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.Coordinator.Blacklists;

/// <summary>
/// What people, agents and peers ask of the blacklist (economy-and-ledger 14). An operator bans and revokes; everybody else reports, with a signature, for an
/// operator to look at.
/// </summary>
internal sealed class BlacklistDecisions(
    BlacklistChain chain, BlacklistReading reading, AgentDirectory directory, IStoreWriter writer, ITaskQueue queue, CoordinatorIdentity identity, SignatureOptions signatures, TimeProvider time)
{
    /// <summary>Open reports of one reporter.</summary>
    public const int MostReports = 50;

    private const long MostExpiryMs = 3_650L * 86_400_000;
    private const int MostStatement = 2000;

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>
    /// Bans, or files a report. Throws <see cref="Refusal"/>: 400 <c>validation_failed</c>, <c>personal_data_refused</c>, <c>reporter_signature_invalid_for_reason_code</c>; 401
    /// <c>agent_id_mismatch</c>; 403 <c>node_not_activated</c>; 429 <c>too_many_reports</c>.
    /// </summary>
    public async Task<JsonObject> AddAsync(BlacklistRequest request, Caller caller, CancellationToken cancellationToken)
    {
        // 1. Form and time.
        var nowMs = NowMs;
        Check(request, nowMs);
        var report = new BlacklistReport(request.AgentId!, request.ReasonCode!, request.Reason!, request.EvidenceHashSha256!, request.ReporterId!, request.TimestampMs!.Value);
        if (caller.Kind is not CallerKinds.Operator && caller.Name != report.ReporterId)
        {
            throw new Refusal(401, "agent_id_mismatch", "reporterId is not the signer of this request.");
        }

        // 2. The reporter, by the key that is enrolled for it here.
        var key = report.ReporterId == identity.PeerId ? identity.Key.PublicKey : (await directory.KnownAsync(report.ReporterId, cancellationToken).ConfigureAwait(false))?.Key;
        var isSigned = key is not null
            && (request.ReporterPublicKeyPem is null || (VerifyingKey.TryParse(request.ReporterPublicKeyPem, out var named) && named.Equals(key)))
            && report.IsSignedBy(key, request.ReporterSignature);
        var isOwnWord = caller.Kind is CallerKinds.Operator && report.ReasonCode == BlacklistReasons.ManualReview && request.ReporterSignature is null && request.ReporterPublicKeyPem is null;
        if (!isSigned && !isOwnWord)
        {
            throw new Refusal(400, "reporter_signature_invalid_for_reason_code", "This reason needs the reporter's signature of the report, with the key enrolled for reporterId. Only an operator's manual_review needs none.");
        }

        // 3. A ban is an operator's decision.
        if (caller.Kind is not CallerKinds.Operator)
        {
            return await ReportAsync(report, request.EvidenceRef, caller, cancellationToken).ConfigureAwait(false);
        }

        var subject = await directory.KnownAsync(report.AgentId, cancellationToken).ConfigureAwait(false);
        var made = await chain.AppendAsync(
            writer,
            _ => new()
            {
                AgentId = report.AgentId,
                SubjectKeyId = subject?.Row.KeyId,
                ReasonCode = report.ReasonCode,
                Reason = report.Reason,
                EvidenceHash = report.EvidenceHashSha256,
                EvidenceRef = request.EvidenceRef,
                ReporterId = report.ReporterId,
                ReporterPublicKeyPem = isSigned ? key!.Pem : null,
                ReporterSignature = request.ReporterSignature,
                EvidenceVerified = isSigned,
                ReportedBy = OperatorName(caller.Name),
                TimestampMs = report.TimestampMs,
                ExpiresAtMs = request.ExpiresInMs is { } ms ? Math.Max(nowMs, report.TimestampMs) + ms : null,
            },
            batch => batch.Execute("UPDATE blacklist_reports SET closed_at_ms = $1 WHERE agent_id = $2 AND evidence_hash = $3 AND closed_at_ms IS NULL", nowMs, report.AgentId, report.EvidenceHashSha256),
            nowMs, cancellationToken).ConfigureAwait(false);
        await queue.AgentChangedAsync(report.AgentId, true, "agent_blacklisted", cancellationToken).ConfigureAwait(false);
        return await reading.DoneAsync(made, null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends an entry, here. 404 <c>blacklist_event_not_found</c>. One that has ended so already answers with the event that did.</summary>
    public async Task<JsonObject> RevokeAsync(string eventId, string? reason, Caller caller, CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        CheckReason(reason);
        var entry = await EntryAsync(eventId, cancellationToken).ConfigureAwait(false);
        if (await reading.EndOfAsync(entry, cancellationToken).ConfigureAwait(false) is { } ended)
        {
            return new() { ["ok"] = true, ["record"] = ended.Show() };
        }

        var by = OperatorName(caller.Name);
        var made = await chain.AppendAsync(
            writer,
            _ => new()
            {
                RevokesEventId = eventId,
                AgentId = entry.AgentId,
                SubjectKeyId = entry.SubjectKeyId,
                ReasonCode = BlacklistReasons.ManualReview,
                Reason = reason!,
                EvidenceHash = entry.EvidenceHashSha256,
                ReporterId = by,
                ReportedBy = by,
                TimestampMs = nowMs,
            },
            batch => Decide(batch, eventId, "revoked", reason!), nowMs, cancellationToken).ConfigureAwait(false);
        await queue.AgentChangedAsync(entry.AgentId, false, "active", cancellationToken).ConfigureAwait(false);
        return new() { ["ok"] = true, ["record"] = made.Show() };
    }

    /// <summary>Keeps an entry against its open appeal: 409 <c>no_open_appeal</c> without one.</summary>
    public async Task<JsonObject> UpholdAsync(string eventId, string? reason, CancellationToken cancellationToken)
    {
        CheckReason(reason);
        var entry = await EntryAsync(eventId, cancellationToken).ConfigureAwait(false);
        return await writer.WriteAsync(batch => Decide(batch, entry.EventId, "upheld", reason!), cancellationToken).ConfigureAwait(false) > 0
            ? new() { ["ok"] = true, ["eventId"] = eventId, ["state"] = "upheld" }
            : throw new Refusal(409, "no_open_appeal", "Nobody appeals against this entry now.");
    }

    /// <summary>Closes a report without a ban: 404 <c>report_not_found</c>.</summary>
    public async Task<JsonObject> DismissAsync(string reportId, string? reason, CancellationToken cancellationToken)
    {
        CheckReason(reason);
        var nowMs = NowMs;
        return await writer.WriteAsync(batch => batch.Execute("UPDATE blacklist_reports SET closed_at_ms = $1 WHERE report_id = $2 AND closed_at_ms IS NULL", nowMs, reportId), cancellationToken).ConfigureAwait(false) > 0
            ? new() { ["ok"] = true, ["reportId"] = reportId }
            : throw new Refusal(404, "report_not_found", "There is no open report with this id.");
    }

    /// <summary>
    /// The banned agent's own appeal, signed with its own key. Throws <see cref="Refusal"/>: 400 <c>validation_failed</c>, <c>appeal_signature_invalid</c>; 404
    /// <c>blacklist_event_not_found</c>; 409 <c>appeal_open</c>.
    /// </summary>
    public async Task<JsonObject> AppealAsync(string eventId, BlacklistAppealRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var nowMs = NowMs;
        List<FieldIssue> issues = [];
        FieldRules.Require(issues, FieldRules.Length(request.Statement, 1, MostStatement), "statement", $"1 to {MostStatement} characters");
        FieldRules.Require(issues, request.EvidenceRef is null or { Length: > 0 and <= 200 }, "evidenceRef", "at most 200 characters");
        FieldRules.Require(issues, IsNear(request.TimestampMs, nowMs), "timestampMs", "now");
        FieldRules.Require(issues, request.Signature is { Length: > 0 and <= 100 }, "signature", "base64 of 64 bytes");
        FieldRules.ThrowIfAny(issues);
        var entry = await EntryAsync(eventId, cancellationToken).ConfigureAwait(false);
        if (entry.AgentId != caller.Name)
        {
            throw NotFound();
        }

        var appeal = new BlacklistAppeal(eventId, caller.Name, request.Statement!, request.EvidenceRef, request.TimestampMs!.Value);
        var key = (await directory.KnownAsync(caller.Name, cancellationToken).ConfigureAwait(false))?.Key;
        if (key is null || !appeal.IsSignedBy(key, request.Signature))
        {
            throw new Refusal(400, "appeal_signature_invalid", "The signature is not this agent's of this appeal.");
        }

        var row = new BlacklistAppealRow
        {
            AppealId = Guid.NewGuid().ToString("D"), EventId = eventId, AgentId = caller.Name, Statement = appeal.Statement, Signed = appeal.Content(), Signature = request.Signature!, TimestampMs = appeal.TimestampMs, State = "open",
        };
        await writer.WriteAsync(
            batch =>
            {
                if (batch.Query("SELECT 1 FROM blacklist_appeals WHERE event_id = $1 AND state = 'open'", r => r.Number(0), eventId).Count > 0)
                {
                    throw new Refusal(409, "appeal_open", "An appeal against this entry waits for an operator already.");
                }

                batch.Insert(row);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        return new() { ["ok"] = true, ["record"] = JsonSerializer.SerializeToNode(new BlacklistAppealView(row.AppealId, eventId, row.AgentId, row.State, row.TimestampMs, null, null), BlacklistJson.Default.BlacklistAppealView) };
    }

    private async Task<JsonObject> ReportAsync(BlacklistReport report, string? evidenceRef, Caller caller, CancellationToken cancellationToken)
    {
        if (caller.Kind is CallerKinds.Agent && await directory.KnownAsync(caller.Name, cancellationToken).ConfigureAwait(false) is not { Row.Approved: true })
        {
            throw new Refusal(403, "node_not_activated", "Only an approved agent can report another.");
        }

        // The same report again is the same report.
        var id = new Guid(SHA256.HashData(report.Content()).AsSpan(0, 16)).ToString("D");
        await writer.WriteAsync(
            batch =>
            {
                if (batch.Query("SELECT 1 FROM blacklist_reports WHERE report_id = $1", r => r.Number(0), id).Count > 0)
                {
                    return true;
                }

                if (batch.Query("SELECT count(*) FROM blacklist_reports WHERE reporter_id = $1 AND closed_at_ms IS NULL", r => r.Number(0), report.ReporterId)[0] >= MostReports)
                {
                    throw new Refusal(429, "too_many_reports", $"{MostReports} reports of this reporter wait for an operator already.");
                }

                return batch.TryInsert(new BlacklistReportRow
                {
                    ReportId = id, AgentId = report.AgentId, ReasonCode = report.ReasonCode, Reason = report.Reason, ReporterId = report.ReporterId, EvidenceHash = report.EvidenceHashSha256, EvidenceRef = evidenceRef,
                    TimestampMs = report.TimestampMs,
                });
            },
            cancellationToken).ConfigureAwait(false);
        var view = new BlacklistReportView(id, report.AgentId, report.ReasonCode, report.Reason, report.ReporterId, report.EvidenceHashSha256, evidenceRef, report.TimestampMs);
        return await reading.DoneAsync(null, JsonSerializer.SerializeToNode(view, BlacklistJson.Default.BlacklistReportView), cancellationToken).ConfigureAwait(false);
    }

    private void Check(BlacklistRequest request, long nowMs)
    {
        List<FieldIssue> issues = [];
        FieldRules.Require(issues, BlacklistForm.IsId(request.AgentId), "agentId", "2 to 128 letters, digits, dots, colons, underscores, hyphens");
        FieldRules.Require(issues, BlacklistReasons.IsKnown(request.ReasonCode), "reasonCode", "one of the reason codes");
        FieldRules.Require(issues, BlacklistForm.IsReason(request.Reason), "reason", "3 to 200 characters");
        FieldRules.Require(issues, request.ReportedBy is null or { Length: <= 128 }, "reportedBy", "at most 128 characters");
        FieldRules.Require(issues, BlacklistForm.IsId(request.ReporterId), "reporterId", "an id");
        FieldRules.Require(issues, BlacklistForm.IsSha256(request.EvidenceHashSha256), "evidenceHashSha256", "64 lower-case hex digits");
        FieldRules.Require(issues, request.EvidenceRef is null or { Length: > 0 and <= 200 }, "evidenceRef", "at most 200 characters");
        FieldRules.Require(issues, request.ReporterPublicKeyPem is null or { Length: <= 1000 }, "reporterPublicKeyPem", "an Ed25519 key");
        FieldRules.Require(issues, IsNear(request.TimestampMs, nowMs), "timestampMs", $"within {signatures.MaxSkew.TotalSeconds:0} s of now");
        FieldRules.Require(issues, request.ExpiresInMs is null or (> 0 and <= MostExpiryMs), "expiresInMs", "above 0, at most ten years");
        FieldRules.ThrowIfAny(issues);
        RefusePersonal(request.Reason!);
        RefusePersonal(request.EvidenceRef ?? "");
    }

    private bool IsNear(long? timestampMs, long nowMs) => timestampMs is { } at && at >= nowMs - (long)signatures.MaxSkew.TotalMilliseconds && at <= nowMs + (long)signatures.MaxSkew.TotalMilliseconds;

    private async Task<BlacklistEvent> EntryAsync(string eventId, CancellationToken cancellationToken) =>
        await reading.FindAsync(eventId, cancellationToken).ConfigureAwait(false) is { Event: { Action: BlacklistEvent.Add } entry } ? entry : throw NotFound();

    private static int Decide(IStoreBatch batch, string eventId, string state, string reason) =>
        batch.Execute("UPDATE blacklist_appeals SET state = $1, decision = $2 WHERE event_id = $3 AND state = 'open'", state, reason, eventId);

    private static void CheckReason(string? reason)
    {
        List<FieldIssue> issues = [];
        FieldRules.Require(issues, BlacklistForm.IsReason(reason), "reason", "3 to 200 characters");
        FieldRules.ThrowIfAny(issues);
        RefusePersonal(reason!);
    }

    private static void RefusePersonal(string text)
    {
        if (BlacklistForm.IsPersonal(text))
        {
            throw new Refusal(400, "personal_data_refused", "An event of the blacklist is shown to others and kept for ever: leave out e-mail and IP addresses.");
        }
    }

    // A name that is no id may be a person's address: the log gets a pseudonym of it.
    private static string OperatorName(string name)
    {
        var id = "operator:" + name;
        return BlacklistForm.IsId(id) ? id : "operator:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..16];
    }

    private static Refusal NotFound() => new(404, "blacklist_event_not_found", "There is no such entry. See GET /security/blacklist.");
}
