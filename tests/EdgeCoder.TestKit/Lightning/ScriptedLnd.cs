using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.TestKit.Lightning;

/// <summary>LND's REST interface: AddInvoice, LookupInvoice, CancelInvoice, and the router's SendPaymentV2 and TrackPaymentV2 as streams, with 64-bit numbers as strings and bytes as base64.</summary>
public sealed class ScriptedLnd(X509Certificate2? certificate = null) : ScriptedNode(certificate)
{
    private const string TrackPath = "/v2/router/track/";

    /// <summary>The macaroon it takes, as hex.</summary>
    public const string Macaroon = "0201036c6e640258030a10cbf5e0aa1d4c5a3b0c1f2e3d4c5b6a79881201301a1b0a0761646472657373";

    /// <summary>A payment settles.</summary>
    public void Pay(string hash, long? receivedMsat = null)
    {
        var invoice = Invoices[hash];
        (invoice.State, invoice.ReceivedMsat) = ("SETTLED", receivedMsat ?? invoice.AmountMsat);
    }

    /// <summary>A payment is held and not settled.</summary>
    public void Hold(string hash)
    {
        var invoice = Invoices[hash];
        (invoice.State, invoice.ReceivedMsat) = ("ACCEPTED", invoice.AmountMsat);
    }

    /// <inheritdoc/>
    protected override (int Status, JsonObject Body)? Refuse(HttpRequest request) => request.Headers["Grpc-Metadata-macaroon"].ToString() switch
    {
        Macaroon => null,
        "" => (500, Error(2, "expected 1 macaroon, got 0")),
        _ => (500, Error(2, "verification failed: signature mismatch after caveat verification")),
    };

    /// <inheritdoc/>
    protected override (int Status, JsonObject Body) Serve(string method, string path, JsonObject? body) => (method, path) switch
    {
        ("POST", "/v1/invoices") when Members(body, "expiry", "memo", "value") => Create(body!),
        ("POST", "/v2/invoices/cancel") when Members(body, "payment_hash") => Cancel(Convert.ToHexStringLower(Convert.FromBase64String((string)body!["payment_hash"]!))),
        ("POST", "/v2/router/send") when IsSend(body) => Send(body!),
        ("GET", _) when path.StartsWith(TrackPath, StringComparison.Ordinal) => Track(path[TrackPath.Length..]),
        ("GET", _) when path.StartsWith("/v1/invoice/", StringComparison.Ordinal) && path.Length == "/v1/invoice/".Length + 64 => LookUp(path["/v1/invoice/".Length..]),
        _ => (404, Error(5, "Not Found")),
    };

    /// <inheritdoc/>
    protected override JsonObject Error(int code, string message) => new() { ["code"] = code, ["message"] = message, ["details"] = new JsonArray() };

    /// <inheritdoc/>
    protected override bool StaysOpen(string method, string path, JsonObject body) => (string?)(body["result"] as JsonObject)?["status"] == "IN_FLIGHT";

    private static bool Members(JsonObject? body, params string[] names) =>
        body is not null && body.Select(member => member.Key).Order(StringComparer.Ordinal).SequenceEqual(names) && body.All(member => member.Value is JsonValue value && value.TryGetValue<string>(out _));

    // timeout_seconds is 32 bits wide and therefore a number; the fee limit has 64 and is text.
    private static bool IsSend(JsonObject? body) =>
        body is not null
        && body.Select(member => member.Key).Order(StringComparer.Ordinal).SequenceEqual(["fee_limit_msat", "no_inflight_updates", "payment_request", "timeout_seconds"])
        && body["fee_limit_msat"]!.AsValue().TryGetValue<string>(out _)
        && body["no_inflight_updates"]!.AsValue().TryGetValue<bool>(out var silent) && silent
        && body["timeout_seconds"]!.AsValue().TryGetValue<int>(out var seconds) && seconds > 0;

    private static JsonObject Line(ScriptedPayment payment) => new()
    {
        ["result"] = new JsonObject
        {
            ["payment_hash"] = payment.Hash,
            ["value_msat"] = Digits(payment.AmountMsat),
            ["fee_msat"] = Digits(payment.FeeMsat),
            ["status"] = payment.State,
            ["failure_reason"] = payment.State == "FAILED" ? "FAILURE_REASON_NO_ROUTE" : "FAILURE_REASON_NONE",
            ["htlcs"] = new JsonArray(),
        },
    };

    private static string Base64(string hex) => Convert.ToBase64String(Convert.FromHexString(hex));

    private static string Digits(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Number(JsonNode? node) => long.Parse((string)node!, CultureInfo.InvariantCulture);

    private (int Status, JsonObject Body) Create(JsonObject body)
    {
        var made = Add(Number(body["value"]) * 1000, Number(body["expiry"]), "", "OPEN");
        return (200, new() { ["r_hash"] = Base64(made.Hash), ["payment_request"] = made.Text, ["add_index"] = "1", ["payment_addr"] = Base64(made.Hash) });
    }

    private (int Status, JsonObject Body) Send(JsonObject body)
    {
        if (OutgoingInvoice.Read((string)body["payment_request"]!) is not var (hash, amount))
        {
            return (500, new() { ["error"] = Error(2, "invalid bech32 string") });
        }

        return Pay(hash, amount, Number(body["fee_limit_msat"])) is { } payment ? (200, Line(payment)) : (409, new() { ["error"] = Error(6, "payment is in transition") });
    }

    private (int Status, JsonObject Body) Track(string urlBase64)
    {
        var hash = Convert.ToHexStringLower(Convert.FromBase64String(urlBase64.Replace('-', '+').Replace('_', '/')));
        return Payments.TryGetValue(hash, out var payment) ? (200, Line(payment)) : (404, new() { ["error"] = Error(5, "payment isn't initiated") });
    }

    private (int Status, JsonObject Body) Cancel(string hash)
    {
        if (!Invoices.TryGetValue(hash, out var invoice))
        {
            return (404, Error(5, "unable to locate invoice"));
        }

        if (invoice.State == "SETTLED")
        {
            return (500, Error(2, "invoice already settled"));
        }

        invoice.State = "CANCELED";
        return (200, []);
    }

    private (int Status, JsonObject Body) LookUp(string hash) => Invoices.TryGetValue(hash, out var invoice)
        ? (200, new()
        {
            ["memo"] = "",
            ["r_preimage"] = "",
            ["r_hash"] = Base64(invoice.Hash),
            ["value"] = Digits(invoice.AmountMsat / 1000),
            ["value_msat"] = Digits(invoice.AmountMsat),
            ["settled"] = invoice.State == "SETTLED",
            ["payment_request"] = invoice.Text,
            ["amt_paid_sat"] = Digits(invoice.ReceivedMsat / 1000),
            ["amt_paid_msat"] = Digits(invoice.ReceivedMsat),
            ["state"] = invoice.State,
        })
        : (404, Error(5, "unable to locate invoice"));
}
