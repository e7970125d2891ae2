using EdgeCoder.Ledger.Invoices;

namespace EdgeCoder.Coordinator.Lightning;

/// <summary>Whether an invoice is the one that was ordered (economy-and-ledger 6.1): nobody is shown one that pays another amount, hash or chain.</summary>
internal static class OrderedInvoice
{
    /// <summary>Most that a row and an answer take.</summary>
    private const int MostCharacters = 4096;

    /// <summary>The invoice; throws <see cref="InvoiceException"/> where it is not the one.</summary>
    public static NodeInvoice Check(string provider, InvoiceOrder order, string network, string? paymentRequest, string? paymentHash) =>
        paymentRequest is { Length: <= MostCharacters }
        && Bolt11Invoice.TryParse(paymentRequest) is { } invoice
        && invoice.PaymentHash == paymentHash
        && invoice.AmountMsat == order.AmountSats * 1000
        && invoice.Network == network
            ? new(paymentRequest, paymentHash)
            : throw InvoiceException.Invalid(provider);
}
