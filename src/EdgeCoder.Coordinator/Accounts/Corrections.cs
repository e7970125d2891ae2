using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Transfers;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>What an operator does to a balance: the development faucet and corrections (economy-and-ledger 2, 4). Each carries the operator's name and is a leaf of the log.</summary>
internal static class Corrections
{
    private const long MostFaucetMc = 10_000_000;
    private const int LeastReason = 10;
    private const int MostReason = 200;

    /// <summary>Gives an account credits of the faucet; 100 when nothing is said. Throws 403 <c>faucet_disabled</c>, 404 <c>account_not_found</c>, 409 <c>transfer_id_conflict</c>.</summary>
    public static CreditedAnswer Give(IStoreBatch batch, string accountId, FaucetRequest request, bool open, Caller caller, long nowMs)
    {
        if (!open)
        {
            throw new Refusal(403, "faucet_disabled", "Credits from nowhere are for development: set FAUCET_ENABLED=true on a coordinator that is not in production.");
        }

        var amount = request.Credits is null ? 100_000 : CreditText.Read(request.Credits, "credits");
        if (amount > MostFaucetMc)
        {
            throw new Refusal(400, "amount_out_of_range", "The faucet gives at most 10000 credits at once.");
        }

        return Run(batch, accountId, Transfer(Id(request.TransferId, required: false, nowMs), SystemAccounts.FaucetMint, accountId, amount, TransferCodes.Faucet, "faucet", caller, nowMs), caller, nowMs);
    }

    /// <summary>Corrects a balance in or out; it never makes one negative. Throws 402 <c>insufficient_credits</c>, 404 <c>account_not_found</c>, 409 <c>transfer_id_conflict</c>.</summary>
    public static CreditedAnswer Adjust(IStoreBatch batch, string accountId, AdjustRequest request, Caller caller, long nowMs)
    {
        List<FieldIssue> issues = [];
        FieldRules.Require(issues, request.Direction is "in" or "out", "direction", "in or out");
        FieldRules.Require(issues, FieldRules.Length(request.Reason?.Trim(), LeastReason, MostReason), "reason", "10 to 200 characters that say why");
        FieldRules.ThrowIfAny(issues);
        var id = Id(request.TransferId, required: true, nowMs);
        var amount = CreditText.Read(request.Credits, "credits");
        var reason = $"adjust:{caller.Name} {request.Reason!.Trim()}";
        var transfer = request.Direction == "in"
            ? Transfer(id, SystemAccounts.Adjust, accountId, amount, TransferCodes.Adjust, reason, caller, nowMs)
            : Transfer(id, accountId, SystemAccounts.Adjust, amount, TransferCodes.Adjust, reason, caller, nowMs);
        return Run(batch, accountId, transfer, caller, nowMs);
    }

    private static CreditedAnswer Run(IStoreBatch batch, string accountId, TransferRow transfer, Caller caller, long nowMs)
    {
        if (SystemAccounts.Of(accountId) is { Kind: "mint" } or { Kind: "system", MayOwe: true })
        {
            throw new Refusal(409, "account_reserved", "This account is a source or a counter-account of the system. It is changed by what it stands for, never by hand.");
        }

        TransferChain.Run(batch, caller.Name, transfer);
        var gets = transfer.CreditAccountId == accountId;
        var entry = batch.Query(
            "SELECT created_at_ms FROM transfers WHERE transfer_id = $1",
            row => new HistoryEntry(
                transfer.TransferId, accountId, AccountReads.Type(transfer.Phase, transfer.Code, gets), (gets ? 1 : -1) * CreditText.Of(transfer.Amount), transfer.Reason, row.Number(0), null),
            transfer.TransferId)[0];
        return new(entry, AccountReads.Balance(batch, accountId, nowMs).Balance);
    }

    private static TransferRow Transfer(string id, string debit, string credit, long amount, string code, string reason, Caller caller, long nowMs) => new()
    {
        TransferId = id,
        Phase = TransferPhases.Posted,
        DebitAccountId = debit,
        CreditAccountId = credit,
        Amount = amount,
        Code = code,
        Reason = reason,
        OperatorId = caller.Name,
        CreatedAtMs = nowMs,
    };

    // 128 bits that the client chose, or made here.
    private static string Id(string? given, bool required, long nowMs) => given switch
    {
        null when !required => Guid.CreateVersion7(DateTimeOffset.FromUnixTimeMilliseconds(nowMs)).ToString("n"),
        { Length: 32 } when given.AsSpan().IndexOfAnyExcept("0123456789abcdef") < 0 => given,
        _ => throw Refusal.Invalid([new("transferId", "32 lower-case hex digits that you choose; the same again does nothing")]),
    };
}
