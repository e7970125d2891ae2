using System.Globalization;
using System.Text.Json.Nodes;

namespace EdgeCoder.Coordinator.Lightning;

/// <summary>
/// LND's router over its REST interface (LND API reference: SendPaymentV2, TrackPaymentV2). Both answer with a stream of states, one JSON object a line, of which the first is
/// read; a payment goes on when the stream is left. LND pays a payment hash once: asked again while it is under way or paid, it refuses.
/// </summary>
internal sealed class LndPayer(LightningSettings settings, TimeProvider time) : ILightningPayer, IDisposable
{
    private const int NotFoundCode = 5;

    // What the gateway says of a path that it does not have; of a payment it says something else.
    private const string NoSuchPath = "Not Found";

    // gRPC's cancelled, deadline exceeded, internal and unavailable: the node's gateway lost the node, which may still pay.
    private static readonly long[] Transport = [1, 4, 13, 14];

    private readonly NodeHttp _node = new(settings, "Grpc-Metadata-macaroon", time);

    /// <inheritdoc/>
    public string Node { get; } = NodeId.Of(settings);

    /// <inheritdoc/>
    public async Task<PayAnswer> PayAsync(PaymentOrder order, CancellationToken cancellationToken)
    {
        var answer = await _node.FirstAsync(
            HttpMethod.Post,
            "/v2/router/send",
            new()
            {
                ["payment_request"] = order.Invoice,
                ["timeout_seconds"] = order.TrySeconds,
                ["fee_limit_msat"] = order.FeeCapMsat.ToString(CultureInfo.InvariantCulture),
                ["no_inflight_updates"] = true,
            },
            TimeSpan.FromSeconds(order.TrySeconds) + settings.Timeout,
            cancellationToken).ConfigureAwait(false);
        if (ErrorOf(answer) is { } error)
        {
            return NodeAnswer.Number(error["code"]) is { } code && Transport.Contains(code) ? new PayAnswer.Unknown($"code {code}") : new PayAnswer.Refused(answer.Status);
        }

        return Read(answer, order.PaymentHash) switch
        {
            PaymentTrace.Succeeded succeeded => new PayAnswer.Paid(succeeded.FeeMsat),
            PaymentTrace.Failed failed => new PayAnswer.Failed(failed.Reason),
            PaymentTrace.Unclear unclear => new PayAnswer.Unknown(unclear.Why),
            _ => new PayAnswer.Unknown("under way"),
        };
    }

    /// <inheritdoc/>
    public async Task<PaymentTrace> TrackAsync(string paymentHash, CancellationToken cancellationToken)
    {
        var hash = Convert.ToBase64String(Convert.FromHexString(paymentHash)).Replace('+', '-').Replace('/', '_');
        var answer = await _node.FirstAsync(HttpMethod.Get, "/v2/router/track/" + hash, null, settings.Timeout, cancellationToken).ConfigureAwait(false);
        return answer.Status == 404 && ErrorOf(answer) is { } error && NodeAnswer.Number(error["code"]) == NotFoundCode && NodeAnswer.Text(error["message"]) != NoSuchPath
            ? new PaymentTrace.NotFound()
            : Read(answer, paymentHash);
    }

    /// <inheritdoc/>
    public void Dispose() => _node.Dispose();

    // An error before the stream is an object of its own, one inside it has a name.
    private static JsonObject? ErrorOf(NodeAnswer answer) => answer.Body switch
    {
        { } body when body["error"] is JsonObject inside && NodeAnswer.Number(inside["code"]) is not null => inside,
        { } body when !answer.Succeeded && NodeAnswer.Number(body["code"]) is not null && NodeAnswer.Text(body["message"]) is not null => body,
        _ => null,
    };

    private static PaymentTrace Read(NodeAnswer answer, string paymentHash)
    {
        if (!answer.Succeeded || answer.Body?["result"] is not JsonObject payment)
        {
            return new PaymentTrace.Unclear($"status {answer.Status}");
        }

        if (NodeAnswer.Text(payment["payment_hash"]) != paymentHash)
        {
            return new PaymentTrace.Unclear("an answer about another payment");
        }

        return NodeAnswer.Text(payment["status"]) switch
        {
            "SUCCEEDED" when NodeAnswer.Number(payment["fee_msat"]) is { } fee => new PaymentTrace.Succeeded(fee),
            "FAILED" => new PaymentTrace.Failed(Reason(NodeAnswer.Text(payment["failure_reason"]))),
            "IN_FLIGHT" or "INITIATED" => new PaymentTrace.InFlight(),
            _ => new PaymentTrace.Unclear("an unknown state"),
        };
    }

    private static string Reason(string? code) => code switch
    {
        "FAILURE_REASON_TIMEOUT" => "timeout",
        "FAILURE_REASON_NO_ROUTE" => "no_route",
        "FAILURE_REASON_INCORRECT_PAYMENT_DETAILS" => "incorrect_payment_details",
        "FAILURE_REASON_INSUFFICIENT_BALANCE" => "insufficient_balance",
        _ => "payment_failed",
    };
}
