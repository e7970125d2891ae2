using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Tests.Records;

namespace EdgeCoder.Ledger.Tests.Receipts;

/// <summary>One valid receipt; one thing of it is changed; one reason is expected (economy-and-ledger 11).</summary>
public sealed class ReceiptTests
{
    private static readonly TrustedKeys Trust = TrustedKeys.Parse(SampleReceipt.Trust);

    [Fact]
    public void A_receipt_is_proven_by_keys_that_are_trusted()
    {
        var verdict = ReceiptVerifier.Check(Write(SampleReceipt.Valid), Trust);
        Assert.Equal((ReceiptStanding.Proven, null), (verdict.Standing, verdict.Reason));
        Assert.Equal(["leaf", "hash", "record_signature", "inclusion", "checkpoint_signature", "cosignatures", "anchor_payload"], verdict.Checks);
        Assert.Equal(12345, verdict.Record!.PayloadJson!.Value.GetProperty("priceMc").GetInt64());
    }

    [Fact]
    public void Without_a_trusted_key_it_is_no_more_than_consistent() => Assert.Equal((ReceiptStanding.Consistent, null), Of(SampleReceipt.Valid, TrustedKeys.None));

    [Fact]
    public void Keys_of_the_receipt_are_never_trusted()
    {
        var stranger = TrustedKeys.Parse(SpecificationLog.WitnessKey);
        Assert.Equal((ReceiptStanding.Invalid, LedgerFault.UnknownKey), Of(SampleReceipt.Valid, stranger));
        Assert.Equal((ReceiptStanding.Invalid, LedgerFault.UnknownKey), Of(SampleReceipt.Valid with { Keys = [] }, TrustedKeys.None));
    }

    [Fact]
    public void A_witness_that_signed_once_is_no_quorum_of_two() =>
        Assert.Equal((ReceiptStanding.Invalid, LedgerFault.QuorumNotReached), Of(SampleReceipt.Valid, Trust with { Threshold = 2 }));

    public static TheoryData<string, LedgerFault> Changes => new()
    {
        { "version", LedgerFault.UnknownVersion },
        { "type", LedgerFault.NotCanonical },
        { "leaf of another record", LedgerFault.InvalidSequence },
        { "leaf cut", LedgerFault.NotCanonical },
        { "body", LedgerFault.HashMismatch },
        { "hash and body", LedgerFault.InvalidSignature },
        { "index", LedgerFault.InvalidSequence },
        { "size", LedgerFault.InclusionProofInvalid },
        { "proof", LedgerFault.InclusionProofInvalid },
        { "proof of other letters", LedgerFault.InclusionProofInvalid },
        { "root", LedgerFault.InclusionProofInvalid },
        { "checkpoint's signature", LedgerFault.CheckpointSignatureInvalid },
        { "checkpoint of another log", LedgerFault.CheckpointSignatureInvalid },
        { "cosignature", LedgerFault.QuorumNotReached },
        { "anchor", LedgerFault.AnchorPayloadInvalid },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void What_was_changed_is_named(string what, LedgerFault reason) => Assert.Equal((ReceiptStanding.Invalid, reason), Of(SampleReceipt.With(what), Trust));

    [Fact]
    public void Any_changed_byte_of_a_file_is_found()
    {
        // Keys, anchor's names and white space are no part of what is proven.
        var file = Write(SampleReceipt.Valid with { Keys = [], Anchor = null });
        for (var at = 0; at < file.Length; at++)
        {
            var changed = file.ToArray();
            changed[at] ^= 4;
            Assert.True(ReceiptVerifier.Check(changed, Trust).Standing == ReceiptStanding.Invalid, $"byte {at}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"v\":1}")]
    public void What_is_no_receipt_is_refused(string text) =>
        Assert.Equal(LedgerFault.NotCanonical, ReceiptVerifier.Check(System.Text.Encoding.UTF8.GetBytes(text), Trust).Reason);

    [Fact]
    public void Members_that_are_unknown_or_missing_are_refused()
    {
        var more = JsonNode.Parse(Write(SampleReceipt.Valid))!.AsObject();
        more["paid"] = true;
        Assert.Equal(LedgerFault.NotCanonical, ReceiptVerifier.Check(JsonSerializer.SerializeToUtf8Bytes(more), Trust).Reason);
        foreach (var member in new[] { "leaf", "checkpoint", "inclusionProof", "keys" })
        {
            var less = JsonNode.Parse(Write(SampleReceipt.Valid))!.AsObject();
            less[member] = null;
            Assert.Equal(LedgerFault.NotCanonical, ReceiptVerifier.Check(JsonSerializer.SerializeToUtf8Bytes(less), Trust).Reason);
        }
    }

    [Theory]
    [InlineData("what is this")]
    [InlineData("threshold 1")]
    [InlineData("threshold -1")]
    [InlineData("threshold 0\nthreshold 0")]
    public void A_list_of_keys_that_is_none_is_refused(string text) => Assert.Throws<FormatException>(() => TrustedKeys.Parse(text));

    private static byte[] Write(ReceiptFile receipt) => JsonSerializer.SerializeToUtf8Bytes(receipt, LedgerJson.Default.ReceiptFile);

    private static (ReceiptStanding, LedgerFault?) Of(ReceiptFile receipt, TrustedKeys trust)
    {
        var verdict = ReceiptVerifier.Check(receipt, trust);
        return (verdict.Standing, verdict.Reason);
    }
}
