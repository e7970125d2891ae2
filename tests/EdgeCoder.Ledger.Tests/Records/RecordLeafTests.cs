using System.Text;
using System.Text.Json;
using CsCheck;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Trees;

namespace EdgeCoder.Ledger.Tests.Records;

/// <summary>Records and their leaves (economy-and-ledger 10, 21.3; F13).</summary>
public sealed class RecordLeafTests
{
    private static readonly IReadOnlyList<string> Texts = ["\u007f", "\u2028", "grüße", "😀", "\"\\\n", ""];

    [Fact]
    public void Hashes_signatures_and_roots_are_those_of_the_specification()
    {
        var leaves = SpecificationLog.Leaves;
        Assert.Equal([SpecificationLog.Hash1, SpecificationLog.Hash2, SpecificationLog.Hash3], leaves.Select(leaf => leaf.Hash));
        Assert.Equal([SpecificationLog.Signature1, SpecificationLog.Signature2, SpecificationLog.Signature3], leaves.Select(leaf => leaf.Signature));
        Assert.Equal([SpecificationLog.LeafHash1, SpecificationLog.LeafHash2, SpecificationLog.LeafHash3], leaves.Select(leaf => Convert.ToHexStringLower(leaf.LeafHash)));
        Assert.Equal(SpecificationLog.Body2, Encoding.UTF8.GetString(leaves[1].Body));
        var frontier = new TreeFrontier();
        frontier.Append(leaves[0].LeafHash);
        frontier.Append(leaves[1].LeafHash);
        Assert.Equal(SpecificationLog.Root2, Convert.ToHexStringLower(frontier.Root));
        frontier.Append(leaves[2].LeafHash);
        Assert.Equal(SpecificationLog.Root3, Convert.ToHexStringLower(frontier.Root));
    }

    [Fact]
    public void Any_changed_byte_is_found()
    {
        var bytes = SpecificationLog.Leaves[1].Bytes;
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte[1, 255]).Sample((at, flip) =>
        {
            var changed = bytes.ToArray();
            changed[at] ^= flip;
            return RecordLeaf.TryRead(changed, out var leaf) is not null || !leaf!.HasItsHash || !leaf.IsSignedBy(SpecificationLog.C.PublicKey);
        });
    }

    [Fact]
    public void Whatever_a_payload_holds_is_read_back() =>
        Gen.Dictionary(Gen.String[Gen.Char['a', 'z'], 1, 8], Gen.Int[0, 5].Select(at => Texts[at])).Sample((Dictionary<string, string> payload) =>
        {
            var record = SpecificationLog.Leaves[0].Record with { PayloadJson = JsonSerializer.SerializeToElement(payload) };
            var leaf = RecordLeaf.Sign(record, SpecificationLog.C);
            return RecordLeaf.TryRead(leaf.Bytes, out var read) is null && read!.HasItsHash && read.IsSignedBy(SpecificationLog.C.PublicKey)
                && payload.All(member => read.Record.PayloadJson!.Value.GetProperty(member.Key).GetString() == member.Value);
        });

    [Theory]
    [InlineData("\"v\":1", "\"v\":2", LedgerFault.UnknownVersion)]
    [InlineData("\"v\":1", "\"v\":1,\"z\":1", LedgerFault.NotCanonical)]
    [InlineData("\"v\":1", "\"v\":2,\"z\":1", LedgerFault.UnknownVersion)]
    [InlineData("\"v\":1", "\"v\": 1", LedgerFault.NotCanonical)]
    [InlineData("\"sequence\":1,", "", LedgerFault.NotCanonical)]
    [InlineData("\"sequence\":1,", "\"sequence\":1.5,", LedgerFault.NotCanonical)]
    [InlineData("\"actorId\":\"worker-a\"", "\"actorId\":null", LedgerFault.NotCanonical)]
    [InlineData("\"prevHash\"", "\"payloadJson\":[],\"prevHash\"", LedgerFault.NotCanonical)]
    public void Another_form_is_refused(string from, string to, LedgerFault fault)
    {
        var text = Encoding.UTF8.GetString(SpecificationLog.Leaves[0].Bytes);
        Assert.Contains(from, text, StringComparison.Ordinal);
        Assert.Equal(fault, RecordLeaf.TryRead(Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal)), out _));
    }

    [Fact]
    public void Bytes_of_any_kind_never_throw() => Gen.Byte.Array[0, 400].Sample(bytes => RecordLeaf.TryRead(bytes, out _) is not null);

    [Fact]
    public void A_leaf_that_a_bundle_cannot_carry_is_not_made()
    {
        var record = SpecificationLog.Leaves[0].Record with { PayloadJson = JsonSerializer.SerializeToElement(new { reason = new string('x', 66_000) }) };
        Assert.Throws<ArgumentException>(() => RecordLeaf.Sign(record, SpecificationLog.C));
    }
}
