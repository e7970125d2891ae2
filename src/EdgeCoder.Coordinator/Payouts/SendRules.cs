using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Ledger.Invoices;
using EdgeCoder.Ledger.Payments;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.Coordinator.Payouts;

/// <summary>Whether a send may be asked for, and what it comes to: pure.</summary>
internal static class SendRules
{
    // Time for a person to confirm and for the node to find a way.
    private const long LeastTimeMs = 60_000;
    private const int MostCharacters = 4096;

    /// <summary>
    /// The row of a request. Throws 400 <c>validation_failed</c>, <c>amount_out_of_range</c>, <c>wallet_send_too_large</c>, <c>wallet_destination_invalid</c>, 409 <c>wallet_invoice_expired</c>.
    /// </summary>
    public static WalletSendRow Make(string requestId, string accountId, SendRequest request, string node, string network, SendSettings settings, long nowMs)
    {
        List<FieldIssue> issues = [];
        FieldRules.Require(issues, FieldRules.Length(request.Destination, 10, MostCharacters), "destination", $"a BOLT 11 invoice of 10 to {MostCharacters} characters");
        FieldRules.Require(issues, request.AmountSats is not null, "amountSats", "the invoice's amount in sats");
        FieldRules.Require(issues, request.MaxFeeSats is not < 0, "maxFeeSats", "0 or more");
        FieldRules.ThrowIfAny(issues);
        var amountSats = request.AmountSats!.Value;
        if (amountSats < 1)
        {
            throw new Refusal(400, "amount_out_of_range", "A send is of at least 1 sat.");
        }

        CheckSize(amountSats, settings);
        var text = request.Destination!.Trim().ToLowerInvariant();
        var invoice = Invoice(text, amountSats, network);
        var endsAtMs = EndsAtMs(invoice);
        if (nowMs + LeastTimeMs >= endsAtMs)
        {
            throw Expired();
        }

        return new()
        {
            RequestId = requestId,
            AccountId = accountId,
            Node = node,
            Destination = text,
            PaymentHash = invoice.PaymentHash,
            AmountSats = amountSats,
            FeeCapSats = Math.Min(SendFeeCap.Of(amountSats, settings.MaxFeeSats, settings.MaxFeeBps), request.MaxFeeSats ?? long.MaxValue),
            InvoiceEndsAtMs = endsAtMs,
            Status = WalletSendStatus.Requested,
            CreatedAtMs = nowMs,
        };
    }

    /// <summary>Throws 400 <c>wallet_send_too_large</c>.</summary>
    public static void CheckSize(long amountSats, SendSettings settings)
    {
        if (amountSats > settings.MaxSats)
        {
            throw new Refusal(400, "wallet_send_too_large", $"A send is of at most {settings.MaxSats} sats. Send less at once.");
        }
    }

    /// <summary>Throws 409 <c>wallet_send_mismatch</c> unless the second factor was bound to this very send.</summary>
    public static void CheckBound(WalletSendRow row, SendConfirmation confirmation)
    {
        if (confirmation.Destination?.Trim().ToLowerInvariant() != row.Destination || confirmation.AmountSats != row.AmountSats || confirmation.MaxFeeSats != row.FeeCapSats)
        {
            throw new Refusal(409, "wallet_send_mismatch", "What was confirmed is another destination, amount or fee cap than was requested. Nothing is sent.");
        }
    }

    /// <summary>409 <c>wallet_invoice_expired</c>.</summary>
    public static Refusal Expired() => new(409, "wallet_invoice_expired", "The invoice is over, or nearly. Ask whoever is paid for a new one.");

    private static Bolt11Invoice Invoice(string text, long amountSats, string network) => Bolt11Invoice.TryParse(text) switch
    {
        null => throw Invalid("This is no BOLT 11 invoice, or it was altered on the way."),
        { Network: var other } when other != network => throw Invalid($"This invoice is of another network than this coordinator's, {network}."),
        { AmountMsat: null } => throw Invalid("This invoice has no amount. Ask for one with the amount that is sent."),
        { AmountMsat: var msat } when msat != amountSats * 1000 => throw Invalid("This invoice is of another amount than amountSats."),
        var invoice => invoice,
    };

    // Far beyond any invoice: what is over is told by the sum, not by its overflow.
    private static long EndsAtMs(Bolt11Invoice invoice) => (long)Int128.Min(long.MaxValue / 2, ((Int128)invoice.CreatedAtS + invoice.ExpiryS) * 1000);

    private static Refusal Invalid(string detail) => new(400, "wallet_destination_invalid", detail);
}
