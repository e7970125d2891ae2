using System.Text.Json;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>A movement as a leaf of the log tells it: members of <c>credit_transfer</c> and <c>earnings_accrual</c> (economy-and-ledger 10).</summary>
/// <param name="TransferId">The transfer.</param>
/// <param name="DebitAccountId">Who gave.</param>
/// <param name="CreditAccountId">Who got.</param>
/// <param name="Amount">What, in millicredits or msat.</param>
internal readonly record struct LoggedMovement(string TransferId, string DebitAccountId, string CreditAccountId, long Amount)
{
    /// <summary>Reads the members of an event; null when they are not those.</summary>
    public static LoggedMovement? Read(string payloadJson)
    {
        try
        {
            using var document = JsonDocument.Parse(payloadJson);
            var members = document.RootElement;
            var accrual = members.TryGetProperty("creditsMc", out _);
            return new(
                members.GetProperty("transferId").GetString()!,
                members.GetProperty(accrual ? "payerAccountId" : "debitAccountId").GetString()!,
                members.GetProperty(accrual ? "accountId" : "creditAccountId").GetString()!,
                members.GetProperty(accrual ? "creditsMc" : "amount").GetInt64());
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>The same of a leaf of the log.</summary>
    public static LoggedMovement? OfLeaf(byte[] leaf)
    {
        try
        {
            using var document = JsonDocument.Parse(leaf);
            return Read(document.RootElement.GetProperty("body").GetProperty("payloadJson").GetRawText());
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
