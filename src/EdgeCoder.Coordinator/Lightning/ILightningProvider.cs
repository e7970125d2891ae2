namespace EdgeCoder.Coordinator.Lightning;

/// <summary>A Lightning node as purchases need it (economy-and-ledger 6.3). Its own answer about a payment hash is the only proof of a payment.</summary>
internal interface ILightningProvider
{
    /// <summary>lnd, cln, mock or none.</summary>
    string Name { get; }

    /// <summary>
    /// Makes an invoice. What it gives is checked: the string parses, and hash, amount and network are those of the order. Throws <see cref="InvoiceException"/>; then the
    /// invoice may exist at the node, but nobody has seen it.
    /// </summary>
    Task<NodeInvoice> CreateAsync(InvoiceOrder order, CancellationToken cancellationToken);

    /// <summary>Asks for a payment. Throws nothing but the caller's cancellation: what cannot be told is <see cref="PaymentFinding.Unclear"/>.</summary>
    Task<PaymentFinding> LookUpAsync(string paymentHash, CancellationToken cancellationToken);

    /// <summary>Tells the node to take no payment any more, where it can. False where that is not certain: a payment may still come, and is honoured.</summary>
    Task<bool> CancelAsync(string paymentHash, string intentId, CancellationToken cancellationToken);
}

/// <summary>What an invoice is asked for.</summary>
/// <param name="IntentId">The intent; a node that knows labels gets it as one.</param>
/// <param name="AmountSats">Sats.</param>
/// <param name="Memo">What the payer reads.</param>
/// <param name="ExpirySeconds">How long it can be paid.</param>
internal sealed record InvoiceOrder(string IntentId, long AmountSats, string Memo, long ExpirySeconds);

/// <summary>An invoice as the node made it.</summary>
/// <param name="PaymentRequest">What is handed to the payer: a BOLT 11 string.</param>
/// <param name="PaymentHash">64 lower-case hex digits.</param>
internal sealed record NodeInvoice(string PaymentRequest, string PaymentHash);

/// <summary>No invoice was made. The code is the stable one of economy-and-ledger 6.3.</summary>
internal sealed class InvoiceException(string error) : Exception(error)
{
    /// <summary><c>&lt;provider&gt;_invoice_create_failed:&lt;status&gt;</c> or <c>&lt;provider&gt;_invoice_create_invalid_response</c>.</summary>
    public string Error { get; } = error;

    /// <summary>The node answered with this status, or not at all: 0.</summary>
    public static InvoiceException Failed(string provider, int status) => new($"{provider}_invoice_create_failed:{status}");

    /// <summary>The node answered something else than the invoice that was ordered.</summary>
    public static InvoiceException Invalid(string provider) => new($"{provider}_invoice_create_invalid_response");
}

/// <summary>What a node says of a payment: a closed set, in which everything that is not certain has a place of its own.</summary>
internal abstract record PaymentFinding
{
    private PaymentFinding()
    {
    }

    /// <summary>Settled at the node.</summary>
    /// <param name="ReceivedMsat">What came in, in thousandths of a sat.</param>
    internal sealed record Paid(long ReceivedMsat) : PaymentFinding;

    /// <summary>Not paid, and nothing is under way.</summary>
    internal sealed record Unpaid : PaymentFinding;

    /// <summary>Held by the node and not settled: neither proof nor its absence.</summary>
    internal sealed record Held : PaymentFinding;

    /// <summary>The node could not be asked, or what it says cannot be believed. Never the same as unpaid.</summary>
    /// <param name="Why">For the log: no secret and nothing of the answer's own text.</param>
    internal sealed record Unclear(string Why) : PaymentFinding;
}
