using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Transfers;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.Coordinator.Payouts;

/// <summary>Body of <c>POST /economy/payables/{accountId}/adjust</c>.</summary>
/// <param name="TransferId">32 hex digits that the operator chooses.</param>
/// <param name="AmountMsat">An integer, more than 0.</param>
/// <param name="Direction">in: more is owed; out: less.</param>
/// <param name="Reason">10 to 200 characters.</param>
internal sealed record PayableAdjustRequest(string? TransferId, JsonElement? AmountMsat, string? Direction, string? Reason);

/// <summary>Its answer.</summary>
/// <param name="Ok">Always true.</param>
/// <param name="TransferId">The movement.</param>
/// <param name="AccountId">Who is owed to.</param>
/// <param name="AmountMsat">What was moved.</param>
/// <param name="Direction">in or out.</param>
/// <param name="BalanceMsat">What is owed now.</param>
internal sealed record PayableAdjusted(bool Ok, string TransferId, string AccountId, long AmountMsat, string Direction, long BalanceMsat);

/// <summary>
/// An operator corrects what is owed to an account in sats (economy-and-ledger 2, adjust): against <c>operator:adjust-sats</c>, never below nothing nor into what a send holds; with the operator's name and
/// reason in the row, and a leaf of the log.
/// </summary>
internal static class PayableCorrections
{
    private const int IdDigits = 32;
    private const int LeastReason = 10;
    private const int MostReason = 200;

    /// <summary>
    /// Moves it. Throws <see cref="Refusal"/>: 400 <c>validation_failed</c>, <c>amount_precision</c>, <c>amount_out_of_range</c>; 402 <c>insufficient_credits</c>; 404 <c>account_not_found</c>; 409
    /// <c>account_reserved</c>, <c>transfer_id_conflict</c>.
    /// </summary>
    public static PayableAdjusted Adjust(IStoreBatch batch, string accountId, PayableAdjustRequest request, Caller caller, long nowMs)
    {
        List<FieldIssue> issues = [];
        FieldRules.Require(issues, request.Direction is "in" or "out", "direction", "in or out");
        FieldRules.Require(issues, FieldRules.Length(request.Reason?.Trim(), LeastReason, MostReason), "reason", "10 to 200 characters that say why");
        FieldRules.Require(
            issues, request.TransferId is { Length: IdDigits } id && id.AsSpan().IndexOfAnyExcept("0123456789abcdef") < 0, "transferId", "32 lower-case hex digits that you choose; the same again does nothing");
        FieldRules.ThrowIfAny(issues);
        var amount = Msat(request.AmountMsat);
        if (SystemAccounts.Of(accountId) is not null)
        {
            throw new Refusal(409, "account_reserved", "Name the account that the sats are owed to, without payable: before it.");
        }

        AccountAccess.Require(batch, caller, accountId, AccountRole.Owner, services: false);
        var payable = SystemAccounts.Payable(accountId);
        var comes = request.Direction == "in";
        TransferChain.Run(batch, caller.Name, new TransferRow
        {
            TransferId = request.TransferId!,
            Phase = TransferPhases.Posted,
            DebitAccountId = comes ? SystemAccounts.AdjustSats : payable,
            CreditAccountId = comes ? payable : SystemAccounts.AdjustSats,
            Unit = "msat",
            Amount = amount,
            Code = TransferCodes.Adjust,
            Reason = $"adjust:{caller.Name} {request.Reason!.Trim()}",
            OperatorId = caller.Name,
            CreatedAtMs = nowMs,
        });
        var balance = batch.Query("SELECT credits_posted - debits_posted FROM accounts WHERE account_id = $1", row => row.Number(0), payable) is [var owed] ? owed : 0;
        return new(true, request.TransferId!, accountId, amount, request.Direction!, balance);
    }

    // The text is read: a number with a fraction or exponent is refused, and none goes through floating point.
    private static long Msat(JsonElement? member)
    {
        if (member is not { ValueKind: JsonValueKind.Number } number)
        {
            throw Refusal.Invalid([new("amountMsat", "a whole number of msat")]);
        }

        var text = number.GetRawText();
        return text.AsSpan().ContainsAny('.', 'e', 'E') ? throw new Refusal(400, "amount_precision", "An amount in msat is a whole number, without an exponent.")
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var amount) && amount is > 0 and <= Ledger.Amounts.Millicredits.Largest ? amount
            : throw new Refusal(400, "amount_out_of_range", $"An amount is at least 1 and at most {Ledger.Amounts.Millicredits.Largest} msat.");
    }
}

/// <summary>How they are written.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(PayableAdjustRequest))]
[JsonSerializable(typeof(PayableAdjusted))]
internal sealed partial class PayableJson : JsonSerializerContext;
