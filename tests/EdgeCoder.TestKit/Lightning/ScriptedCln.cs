using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.TestKit.Lightning;

/// <summary>Core Lightning's clnrest: invoice, listinvoices, delinvoice, pay and listpays, all posted, answered with 201, refused with the codes of its JSON-RPC.</summary>
public sealed class ScriptedCln(X509Certificate2? certificate = null) : ScriptedNode(certificate)
{
    /// <summary>The rune it takes.</summary>
    public const string Rune = "KUhZzNlECC7pYsz3QVbF1TqjIUYi3oyESTI7n60hLMs9MA==";

    /// <summary>A payment comes in.</summary>
    public void Pay(string hash, long? receivedMsat = null)
    {
        var invoice = Invoices[hash];
        (invoice.State, invoice.ReceivedMsat) = ("paid", receivedMsat ?? invoice.AmountMsat);
    }

    /// <inheritdoc/>
    protected override (int Status, JsonObject Body)? Refuse(HttpRequest request) => request.Headers["Rune"].ToString() switch
    {
        Rune => null,
        "" => (403, Error(1501, "Not authorized: Missing rune")),
        _ => (401, Error(1501, "Not authorized: Not derived from master")),
    };

    /// <inheritdoc/>
    protected override (int Status, JsonObject Body) Serve(string method, string path, JsonObject? body) => (method, path) switch
    {
        ("POST", "/v1/invoice") when Members(body, "amount_msat", "description", "expiry", "label") => Create(body!),
        ("POST", "/v1/listinvoices") when Members(body, "payment_hash") => List(invoice => invoice.Hash == (string?)body!["payment_hash"]),
        ("POST", "/v1/listinvoices") when Members(body, "label") => List(invoice => invoice.Label == (string?)body!["label"]),
        ("POST", "/v1/pay") when Members(body, "bolt11", "maxfee", "retry_for") => Send(body!),
        ("POST", "/v1/listpays") when Members(body, "payment_hash") => (201, new() { ["pays"] = Payments.TryGetValue((string)body!["payment_hash"]!, out var paid) ? new JsonArray(Show(paid)) : [] }),
        ("POST", "/v1/delinvoice") when Members(body, "label", "status") => Remove((string)body!["label"]!, (string)body["status"]!),
        _ => (404, Error(-32601, "Unknown command")),
    };

    /// <inheritdoc/>
    protected override JsonObject Error(int code, string message) => new() { ["code"] = code, ["message"] = message };

    private static bool Members(JsonObject? body, params string[] names) => body is not null && body.Select(member => member.Key).Order(StringComparer.Ordinal).SequenceEqual(names);

    private static JsonObject Show(ScriptedInvoice invoice)
    {
        var shown = new JsonObject
        {
            ["label"] = invoice.Label,
            ["bolt11"] = invoice.Text,
            ["payment_hash"] = invoice.Hash,
            ["amount_msat"] = invoice.AmountMsat,
            ["status"] = invoice.State,
            ["description"] = "credits",
        };
        if (invoice.State == "paid")
        {
            shown["amount_received_msat"] = invoice.ReceivedMsat;
            shown["pay_index"] = 1;
        }

        return shown;
    }

    private static JsonObject Show(ScriptedPayment payment)
    {
        var shown = new JsonObject
        {
            ["payment_hash"] = payment.Hash,
            ["status"] = payment.State switch
            {
                "SUCCEEDED" => "complete",
                "FAILED" => "failed",
                _ => "pending",
            },
            ["created_at"] = 1_700_000_000,
        };
        if (payment.State == "SUCCEEDED")
        {
            (shown["amount_msat"], shown["amount_sent_msat"]) = (payment.AmountMsat, payment.AmountMsat + payment.FeeMsat);
        }

        return shown;
    }

    // An invoice that it paid is answered as the first time; one that is under way is waited for, here to no end.
    private (int Status, JsonObject Body) Send(JsonObject body)
    {
        if (OutgoingInvoice.Read((string)body["bolt11"]!) is not var (hash, amount))
        {
            return (500, Error(-32602, "Invalid bolt11"));
        }

        var payment = Pay(hash, amount, (long)body["maxfee"]!) ?? Payments[hash];
        return payment.State switch
        {
            "SUCCEEDED" => (201, Show(payment)),
            "FAILED" => (500, Error(205, "Could not find a route")),
            _ => (500, Error(200, "Timed out while the payment was under way")),
        };
    }

    private (int Status, JsonObject Body) Create(JsonObject body)
    {
        var label = (string)body["label"]!;
        if (Invoices.Values.Any(invoice => invoice.Label == label))
        {
            return (500, Error(900, "Duplicate label"));
        }

        var made = Add((long)body["amount_msat"]!, (long)body["expiry"]!, label, "unpaid");
        return (201, new() { ["bolt11"] = made.Text, ["payment_hash"] = made.Hash, ["created_index"] = 1 });
    }

    private (int Status, JsonObject Body) List(Func<ScriptedInvoice, bool> which) =>
        (201, new() { ["invoices"] = new JsonArray([.. Invoices.Values.Where(which).Select(Show)]) });

    private (int Status, JsonObject Body) Remove(string label, string status)
    {
        if (Invoices.Values.FirstOrDefault(one => one.Label == label) is not { } invoice)
        {
            return (500, Error(905, "Unknown invoice"));
        }

        if (invoice.State != status)
        {
            return (500, Error(906, $"Invoice status is {invoice.State} not {status}"));
        }

        Invoices.TryRemove(invoice.Hash, out _);
        return (201, Show(invoice));
    }
}
