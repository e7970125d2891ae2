using System.Text;
using System.Text.Json;
using CsCheck;
using EdgeCoder.Ledger.Equivocations;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Tests.Records;
using EdgeCoder.Ledger.Tests.Trees;
using EdgeCoder.Ledger.Trees;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Ledger.Tests.Equivocations;

/// <summary>Evidence of two histories convinces who trusts the log's key, and nothing else does (economy-and-ledger 9.7).</summary>
public sealed class EquivocationVerifierTests
{
    private const string Origin = "edgecoder/coord-test";
    private static readonly SigningKey Key = SigningKey.Generate();
    private static readonly TrustedKeys Trust = new([NoteKey.Of(Origin, NoteKeyType.Ed25519, Key.PublicKey)], 0);

    [Fact]
    public void Two_records_of_one_place_are_evidence()
    {
        var (one, other) = (Leaf(7, "worker-a"), Leaf(7, "worker-b"));
        Assert.Null(Check(EquivocationFile.Of(Origin, one.Bytes, other.Bytes)));
        Assert.Equal(EquivocationFault.NoContradiction, Check(EquivocationFile.Of(Origin, one.Bytes, one.Bytes)));
        Assert.Equal(EquivocationFault.NoContradiction, Check(EquivocationFile.Of(Origin, one.Bytes, Leaf(8, "worker-b").Bytes)));
    }

    [Fact]
    public void Two_roots_of_one_size_are_evidence()
    {
        Assert.Null(Check(EquivocationFile.Of(Origin, Note(5, new byte[32]), Note(5, [1, .. new byte[31]]))));
        Assert.Equal(EquivocationFault.NoContradiction, Check(EquivocationFile.Of(Origin, Note(5, new byte[32]), Note(5, new byte[32]))));
        Assert.Equal(EquivocationFault.NoContradiction, Check(EquivocationFile.Of(Origin, Note(5, new byte[32]), Note(6, [1, .. new byte[31]]))));
    }

    [Fact]
    public void A_tree_that_began_otherwise_is_evidence_and_one_that_grew_never_is() => Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40], Gen.Bool).Sample((first, more, forks) =>
    {
        List<byte[]> leaves = [.. Enumerable.Range(0, first + more).Select(n => TreeHash.Leaf([(byte)n]))];
        var honest = SubtreeHash.RootOf(new ListedHashes(leaves), first);
        if (forks)
        {
            leaves[first / 2] = TreeHash.Leaf([200, 200]);
        }

        var tree = new ListedHashes(leaves);
        var began = SubtreeHash.RootOf(tree, first);
        var evidence = EquivocationFile.Of(Origin, Note(first, honest), Note(first + more, SubtreeHash.RootOf(tree, first + more)), began, ConsistencyProof.Make(tree, first, first + more));
        Assert.Equal(forks ? null : EquivocationFault.NoContradiction, Check(evidence));
    });

    [Fact]
    public void What_the_log_has_not_signed_proves_nothing()
    {
        using var stranger = SigningKey.Generate();
        Assert.Equal(EquivocationFault.InvalidSignature, Check(EquivocationFile.Of(Origin, Note(5, new byte[32]), Note(5, [1, .. new byte[31]], stranger))));
        Assert.Equal(EquivocationFault.InvalidSignature, Check(EquivocationFile.Of(Origin, Leaf(7, "worker-a").Bytes, Leaf(7, "worker-b", stranger).Bytes)));
        Assert.Equal(EquivocationFault.UnknownKey, EquivocationVerifier.Check(EquivocationFile.Of(Origin, Note(5, new byte[32]), Note(5, [1, .. new byte[31]])), TrustedKeys.None));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"v":1,"type":"edgecoder-log-equivocation","origin":"edgecoder/coord-test"}""")]
    [InlineData("""{"v":1,"type":"edgecoder-log-equivocation","origin":"edgecoder/coord-test","leaves":[null,null]}""")]
    [InlineData("""{"v":1,"type":"edgecoder-log-equivocation","origin":"edgecoder/coord-test","checkpoints":["a","b"],"consistencyProof":[null]}""")]
    [InlineData("""{"v":2,"type":"edgecoder-log-equivocation","origin":"edgecoder/coord-test","leaves":["",""]}""")]
    public void What_is_no_evidence_is_told_and_never_throws(string text) => Assert.Equal(EquivocationFault.NotCanonical, EquivocationVerifier.Check(Encoding.UTF8.GetBytes(text), Trust));

    private static EquivocationFault? Check(EquivocationFile file) => EquivocationVerifier.Check(JsonSerializer.SerializeToUtf8Bytes(file, LedgerJson.Default.EquivocationFile), Trust);

    private static string Note(long size, byte[] root, SigningKey? by = null)
    {
        var checkpoint = new Checkpoint(Origin, size, root);
        return new SignedNote(checkpoint.Text, [NoteSignature.Sign(checkpoint.Text, Origin, by ?? Key)]).ToString();
    }

    private static RecordLeaf Leaf(long sequence, string actor, SigningKey? by = null) =>
        RecordLeaf.Sign(SpecificationLog.Leaves[1].Record with { CoordinatorId = "coord-test", Sequence = sequence, ActorId = actor }, by ?? Key);
}
