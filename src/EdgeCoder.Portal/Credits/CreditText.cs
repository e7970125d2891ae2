using System.Text.Json.Nodes;
using EdgeCoder.Portal.Pages;

namespace EdgeCoder.Portal.Credits;

/// <summary>The coordinator's answers as pages show them. What is missing is an empty text, never a number.</summary>
internal static class CreditText
{
    /// <summary>Ledger lines.</summary>
    public static IReadOnlyList<LedgerLine> Lines(JsonObject answer) =>
        [.. (answer["history"] as JsonArray ?? []).OfType<JsonObject>().Select(line => new LedgerLine(Text(line, "txId"), Text(line, "type"), Number(line, "credits") ?? 0, Text(line, "reason"), (long)(Number(line, "timestampMs") ?? 0), line["relatedTaskId"] is null ? null : Text(line, "relatedTaskId")))];

    /// <summary>Purchases.</summary>
    public static IReadOnlyList<PurchaseView> Purchases(JsonObject answer) => [.. (answer["paymentIntents"] as JsonArray ?? []).OfType<JsonObject>().Select(Purchase)];

    /// <summary>A purchase.</summary>
    public static PurchaseView Purchase(JsonObject intent) => new(
        Text(intent, "intentId"), Text(intent, "status"), (long)(Number(intent, "amountSats") ?? 0), (long)(Number(intent, "coordinatorFeeSats") ?? 0), Number(intent, "quotedCredits") ?? 0,
        intent["invoiceRef"] is null ? null : Text(intent, "invoiceRef"), (long)(Number(intent, "createdAtMs") ?? 0), (long)(Number(intent, "expiresAtMs") ?? 0), Text(intent, "network"));

    /// <summary>A number; null when there is none.</summary>
    public static decimal? Number(JsonObject of, string name) => of[name] is JsonValue value && value.TryGetValue<System.Text.Json.JsonElement>(out var element)
        ? element.ValueKind == System.Text.Json.JsonValueKind.Number && element.TryGetDecimal(out var number) ? number : null
        : of[name] is JsonValue made && made.TryGetValue<decimal>(out var direct) ? direct : null;

    /// <summary>Lines as CSV (RFC 4180). A text that a spreadsheet would take for a formula is made a text.</summary>
    public static string Csv(IEnumerable<LedgerLine> lines) => "timestampMs,type,credits,reason,relatedTaskId,txId\r\n" + string.Concat(lines.Select(line =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{line.AtMs},{Cell(line.Type)},{line.Credits:0.000},{Cell(line.Reason)},{Cell(line.TaskId ?? "")},{Cell(line.Id)}\r\n")));

    private static string Cell(string text)
    {
        var safe = text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" + text : text;
        return safe.AsSpan().IndexOfAny("\",\r\n") < 0 ? safe : "\"" + safe.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
    }

    private static string Text(JsonObject of, string name) => of[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
