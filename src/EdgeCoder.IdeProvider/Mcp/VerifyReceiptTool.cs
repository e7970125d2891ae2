using System.Text;
using System.Text.Json;
using EdgeCoder.Agent.Files;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.IdeProvider.Mcp;

/// <summary>
/// <c>verify_receipt</c>: checks offline, with keys that the caller trusts, what a coordinator signed: a receipt of its log (economy-and-ledger 11), or the
/// verdict of one re-run.
/// </summary>
internal sealed class VerifyReceiptTool : McpTool
{
    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"properties":{
        "receipt":{"type":"string","minLength":1,"maxLength":1048576,"description":"A receipt of task_receipts as JSON text; with trust."},
        "trust":{"type":"string","minLength":1,"maxLength":65536,"description":"Keys of logs and witnesses that you believe, one a line (vkey of the coordinator's /identity), and perhaps a line: threshold N."},
        "document":{"type":"string","minLength":1,"maxLength":1048576,"description":"A signed verdict of task_result: its exact bytes in base64; with public_key."},
        "public_key":{"type":"string","minLength":1,"maxLength":4096,"description":"Ed25519 key of the verifier in PEM (BEGIN PUBLIC KEY), got on a way that you trust."}}}
        """);

    /// <inheritdoc/>
    public override string Name => "verify_receipt";

    /// <inheritdoc/>
    public override string Description =>
        "Checks offline and over the exact bytes what a coordinator signed, and shows what it says. Give receipt and trust for a receipt of the log: {valid, fault?, checks, record?}; or document and public_key for one verdict: {valid, fault?, verdict?}.";

    /// <inheritdoc/>
    public override JsonElement Schema => Shape;

    /// <inheritdoc/>
    public override Task<McpAnswer> RunAsync(McpCall call, CancellationToken cancellationToken)
    {
        var arguments = call.Arguments;
        var answer = (arguments.TextOrNull("receipt"), arguments.TextOrNull("trust"), arguments.TextOrNull("document"), arguments.TextOrNull("public_key")) switch
        {
            ({ } receipt, { } trust, null, null) => OfReceipt(receipt, trust),
            (null, null, { } document, { } key) => OfVerdict(document, key),
            _ => throw new McpFault("invalid_request", "Neither a receipt with keys nor a verdict with a key.", "Give receipt and trust, or document and public_key."),
        };
        return Task.FromResult(McpAnswer.Of(JsonSerializer.SerializeToElement(answer, McpJson.Default.McpVerification)));
    }

    private static McpVerification OfReceipt(string receipt, string trust)
    {
        TrustedKeys keys;
        try
        {
            keys = TrustedKeys.Parse(trust);
        }
        catch (FormatException wrong)
        {
            throw new McpFault("invalid_key", $"trust: {wrong.Message}", "Give vkeys as GET /identity of the coordinator shows them, one a line.");
        }

        // Without a trusted key a receipt only fits itself, which anybody can make it do: that is not valid.
        var verdict = ReceiptVerifier.Check(Encoding.UTF8.GetBytes(receipt), keys);
        var fault = verdict.Reason is { } reason ? JsonSerializer.SerializeToElement(reason, McpJson.Default.LedgerFault).GetString() : verdict.Standing == ReceiptStanding.Proven ? null : "unknown_key";
        return new(verdict.Standing == ReceiptStanding.Proven, fault, Checks: verdict.Checks, Record: verdict.Standing == ReceiptStanding.Proven ? verdict.Record : null);
    }

    private static McpVerification OfVerdict(string document, string publicKey)
    {
        if (!VerifyingKey.TryParse(publicKey, out var key))
        {
            throw new McpFault("invalid_key", "public_key is no Ed25519 public key in PEM.", "Give the whole text from -----BEGIN PUBLIC KEY----- on.");
        }

        byte[] signed;
        try
        {
            signed = Convert.FromBase64String(document);
        }
        catch (FormatException)
        {
            throw new McpFault("invalid_document", "document is not base64.", "Pass an entry of verdicts of task_result as it is.");
        }

        var fault = SignedDocument.Verify(DocumentContexts.Verdict, signed, key);
        var verdict = fault is null ? SignedDocument.Read(signed, MeshJson.Default.Verdict) : null;
        return new(fault is null && verdict is not null, fault?.ToString() ?? (verdict is null ? "NotAVerdict" : null), verdict);
    }
}
