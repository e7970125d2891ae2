using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Offline;
using EdgeCoder.Ledger.Transfers;
using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Identifiers;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>What may be spent offline is held first, online (economy-and-ledger 17.1).</summary>
internal sealed class OfflineAllowances(IStoreWriter writer, AgentDirectory directory, CoordinatorIdentity identity, TimeProvider time)
{
    /// <summary>How long after an allowance ended its transactions are still taken, in milliseconds; then the rest is free again.</summary>
    public const long GraceMs = 7 * 24 * 3_600_000L;

    private const long LongestMs = 604_800_000;

    /// <summary>
    /// Holds the limit and signs the allowance; the same request again is answered as before. Throws <see cref="Refusal"/>: 400 <c>validation_failed</c>, 402
    /// <c>insufficient_credits</c>, 403 <c>account_forbidden</c>, 404 <c>agent_not_found</c>, 409 <c>allowance_exists</c>.
    /// </summary>
    public async Task<AllowanceAnswer> OpenAsync(AllowanceRequest request, Caller caller, CancellationToken cancellationToken)
    {
        List<FieldIssue> issues = [];
        FieldRules.Require(issues, ClientId.IsValid(request.AllowanceId), "allowanceId", FieldRules.IdRule);
        FieldRules.Require(issues, ClientId.IsValid(request.RequesterId), "requesterId", FieldRules.IdRule);
        FieldRules.Require(issues, ClientId.IsValid(request.AccountId), "accountId", FieldRules.IdRule);
        FieldRules.Require(issues, request.ValidForMs is >= 1 and <= LongestMs, "validForMs", "1 to 604800000");
        FieldRules.ThrowIfAny(issues);
        var (limit, perProvider) = (CreditText.Read(request.Limit, "limit"), CreditText.Read(request.PerProvider, "perProvider"));
        var agent = await directory.KnownAsync(request.RequesterId!, cancellationToken).ConfigureAwait(false)
            ?? throw new Refusal(404, "agent_not_found", "No agent with this id is enrolled here. See `edgecoder node list`.");
        if (!IsOf(agent, request.AccountId!) || (caller.Kind == CallerKinds.Agent && caller.Name != request.RequesterId))
        {
            throw new Refusal(403, "account_forbidden", "An allowance is for an agent of this account, and an agent asks for its own only.");
        }

        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var document = new OfflineAllowance
        {
            V = 1,
            AllowanceId = request.AllowanceId!,
            CoordinatorId = identity.PeerId,
            RequesterId = request.RequesterId!,
            RequesterKeyId = agent.Row.KeyId,
            AccountId = request.AccountId!,
            LimitMc = limit,
            PerProviderMc = Math.Min(limit, perProvider),
            ValidFromMs = nowMs,
            ValidUntilMs = nowMs + request.ValidForMs!.Value,
        };
        var bytes = CanonicalJson.Write(document, OfflineJson.Default.OfflineAllowance);
        var signature = SignedDocument.SignDetached(DocumentContexts.OfflineAllowance, bytes, identity.Key);
        return await writer.WriteAsync(
            batch =>
            {
                if (caller.Kind != CallerKinds.Agent)
                {
                    AccountAccess.Require(batch, caller, document.AccountId, AccountRole.Member, services: false);
                }

                return Open(batch, document, bytes, signature);
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether an account is an agent's: its owner's, or the one that is paid for it.</summary>
    public static bool IsOf(KnownAgent agent, string accountId) => accountId == agent.Row.OwnerAccountId || accountId == agent.Row.RewardAccountId;

    private AllowanceAnswer Open(IStoreBatch batch, OfflineAllowance document, byte[] bytes, string signature)
    {
        if (batch.Query("SELECT document, signature FROM offline_allowances WHERE allowance_id = $1", row => (Bytes: row.Bytes(0), Signature: row.Text(1)), document.AllowanceId) is [var stored])
        {
            var before = System.Text.Json.JsonSerializer.Deserialize(stored.Bytes, OfflineJson.Default.OfflineAllowance)!;
            return before with { ValidFromMs = document.ValidFromMs, ValidUntilMs = before.ValidUntilMs - before.ValidFromMs + document.ValidFromMs, RequesterKeyId = document.RequesterKeyId } == document
                ? Answer(before, stored.Bytes, stored.Signature)
                : throw new Refusal(409, "allowance_exists", "An allowance with this id exists with other content. Use a new id.");
        }

        var hold = new TransferRow
        {
            TransferId = TransferId.Of("offline_allowance", document.AllowanceId),
            Phase = TransferPhases.Pending,
            DebitAccountId = document.AccountId,
            CreditAccountId = SystemAccounts.Offline,
            Amount = document.LimitMc,
            ExpiresAtMs = document.ValidUntilMs + GraceMs,
            Code = TransferCodes.Offline,
            Reason = "ble_compute",
            CreatedAtMs = document.ValidFromMs,
        };
        TransferChain.Run(batch, identity.PeerId, hold);
        batch.Insert(new OfflineAllowanceRow
        {
            AllowanceId = document.AllowanceId,
            RequesterId = document.RequesterId,
            AccountId = document.AccountId,
            LimitMc = document.LimitMc,
            PerProviderMc = document.PerProviderMc,
            ValidFromMs = document.ValidFromMs,
            ValidUntilMs = document.ValidUntilMs,
            Document = bytes,
            Signature = signature,
            HoldId = hold.TransferId,
            HeldMc = document.LimitMc,
        });
        return Answer(document, bytes, signature);
    }

    private static AllowanceAnswer Answer(OfflineAllowance document, byte[] bytes, string signature) => new(true, new(document, Convert.ToBase64String(bytes), signature));
}
