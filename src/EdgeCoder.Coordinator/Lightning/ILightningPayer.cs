namespace EdgeCoder.Coordinator.Lightning;

/// <summary>A Lightning node as sends need it (economy-and-ledger 6.4). Its own word about a payment hash is the only proof that sats left, or that they did not.</summary>
internal interface ILightningPayer
{
    /// <summary>
    /// Which node it is: <c>lnd:</c> or <c>cln:</c> and a digest of its address; another node's silence about a payment says nothing. <c>none</c> where nothing can be sent.
    /// </summary>
    string Node { get; }

    /// <summary>Pays an invoice, with the fee cap as the node's own hard limit. Asked once for a payment hash, ever. Throws nothing but the caller's cancellation.</summary>
    Task<PayAnswer> PayAsync(PaymentOrder order, CancellationToken cancellationToken);

    /// <summary>What the node knows of a payment. Throws nothing but the caller's cancellation.</summary>
    Task<PaymentTrace> TrackAsync(string paymentHash, CancellationToken cancellationToken);
}

/// <summary>What a node is asked to pay.</summary>
/// <param name="Invoice">BOLT 11, with an amount of its own.</param>
/// <param name="PaymentHash">64 lower-case hex digits.</param>
/// <param name="FeeCapMsat">The most it may cost beyond the amount.</param>
/// <param name="TrySeconds">How long the node looks for ways.</param>
internal sealed record PaymentOrder(string Invoice, string PaymentHash, long FeeCapMsat, int TrySeconds);

/// <summary>What a node answered when it was asked to pay: a closed set.</summary>
internal abstract record PayAnswer
{
    private PayAnswer()
    {
    }

    /// <summary>Paid.</summary>
    /// <param name="FeeMsat">What it cost beyond the amount.</param>
    internal sealed record Paid(long FeeMsat) : PayAnswer;

    /// <summary>Not paid, and nothing is under way nor will be.</summary>
    /// <param name="Reason">The node's code.</param>
    internal sealed record Failed(string Reason) : PayAnswer;

    /// <summary>The node ended the call with an error of its own. What became of the payment is in what it knows of it.</summary>
    /// <param name="Status">HTTP status.</param>
    internal sealed record Refused(int Status) : PayAnswer;

    /// <summary>No answer, or none that can be believed: it may be paid, now or later.</summary>
    /// <param name="Why">For the log: no secret and nothing of the answer's own text.</param>
    internal sealed record Unknown(string Why) : PayAnswer;
}

/// <summary>What a node knows of a payment: a closed set.</summary>
internal abstract record PaymentTrace
{
    private PaymentTrace()
    {
    }

    /// <summary>Paid.</summary>
    /// <param name="FeeMsat">What it cost beyond the amount.</param>
    internal sealed record Succeeded(long FeeMsat) : PaymentTrace;

    /// <summary>Tried, and nothing is under way at this moment.</summary>
    /// <param name="Reason">The node's code.</param>
    internal sealed record Failed(string Reason) : PaymentTrace;

    /// <summary>Under way.</summary>
    internal sealed record InFlight : PaymentTrace;

    /// <summary>The node knows no such payment.</summary>
    internal sealed record NotFound : PaymentTrace;

    /// <summary>The node could not be asked, or what it says cannot be believed.</summary>
    /// <param name="Why">For the log.</param>
    internal sealed record Unclear(string Why) : PaymentTrace;
}
