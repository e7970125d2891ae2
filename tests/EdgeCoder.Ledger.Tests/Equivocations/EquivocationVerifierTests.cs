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
using EdgeCoder.Protocol.Rotations;

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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Evidence_over_a_change_of_key_convinces_who_trusts_either_key(bool trustsOld)
    {
        using var next = SigningKey.Generate();
        var announced = SignedKeyStatement.Announce("coord-test", Key, 0);
        var changed = SignedKeyStatement.Change("coord-test", Key, next, Leaf(7, "worker-a").Record.IssuedAtMs);
        var rotations = new ReceiptRotations("coord-test", [Convert.ToBase64String(announced.Bytes), Convert.ToBase64String(changed.Bytes)]);
        var trust = new TrustedKeys([NoteKey.Of(Origin, NoteKeyType.Ed25519, trustsOld ? Key.PublicKey : next.PublicKey)], 0);
        var notes = EquivocationFile.Of(Origin, Note(5, new byte[32]), Note(5, [1, .. new byte[31]], next));
        var records = EquivocationFile.Of(Origin, Leaf(7, "worker-a").Bytes, Leaf(7, "worker-b", next).Bytes);
        foreach (var evidence in new[] { notes, records })
        {
            Assert.Equal(EquivocationFault.InvalidSignature, EquivocationVerifier.Check(evidence, trust));
            var whole = evidence with { Rotations = rotations };
            Assert.Null(EquivocationVerifier.Check(whole, trust));
            Assert.Null(EquivocationVerifier.Check(JsonSerializer.SerializeToUtf8Bytes(whole, LedgerJson.Default.EquivocationFile), trust));
            Assert.Equal(EquivocationFault.KeyChainBroken, EquivocationVerifier.Check(evidence with { Rotations = rotations with { CoordinatorId = "coord-other" } }, trust));
            Assert.Equal(EquivocationFault.KeyChainBroken, EquivocationVerifier.Check(evidence with { Rotations = rotations with { Statements = [.. rotations.Statements.Reverse()] } }, trust));
        }

        // A key that did not count when the record says that it was made.
        var late = SignedKeyStatement.Change("coord-test", Key, next, Leaf(7, "worker-a").Record.IssuedAtMs + 1);
        Assert.Equal(EquivocationFault.KeyOutOfTime, EquivocationVerifier.Check(records with { Rotations = rotations with { Statements = [rotations.Statements[0], Convert.ToBase64String(late.Bytes)] } }, trust));
    }

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
