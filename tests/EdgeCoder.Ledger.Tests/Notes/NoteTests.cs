using CsCheck;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Tests.Records;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Ledger.Tests.Notes;

/// <summary>Keys, notes and checkpoints (economy-and-ledger 9.4, 9.5, 21.2, 21.3).</summary>
public sealed class NoteTests
{
    private const string PublishedKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    private const string Published = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    [Fact]
    public void The_published_note_is_signed_by_its_key()
    {
        Assert.True(NoteKey.TryParse(PublishedKey, out var key));
        Assert.True(SignedNote.TryParse(Published, out var note));
        Assert.True(note.IsSignedBy(key));
        Assert.Equal(PublishedKey, key.ToString());
        Assert.Equal(Published, note.ToString());
    }

    [Fact]
    public void Checkpoint_and_cosignature_are_those_of_the_specification()
    {
        Assert.True(SignedNote.TryParse(SpecificationLog.Note, out var note));
        Assert.True(Checkpoint.TryParse(note.Text, out var checkpoint));
        Assert.Equal(("edgecoder/coord-1", 3L, SpecificationLog.Root3, SpecificationLog.CheckpointHash), (checkpoint.Origin, checkpoint.Size, Convert.ToHexStringLower(checkpoint.Root), checkpoint.Hash));
        var made = new SignedNote(checkpoint.Text, [])
            .With(NoteSignature.Sign(checkpoint.Text, checkpoint.Origin, SpecificationLog.C), NoteSignature.Cosign(checkpoint.Text, "edgecoder/coord-2", 1_700_000_000, SpecificationLog.W));
        Assert.Equal(SpecificationLog.Note, made.ToString());
        Assert.Equal(SpecificationLog.LogKey, NoteKey.Of("edgecoder/coord-1", NoteKeyType.Ed25519, SpecificationLog.C.PublicKey).ToString());
        Assert.Equal(SpecificationLog.WitnessKey, NoteKey.Of("edgecoder/coord-2", NoteKeyType.Cosignature, SpecificationLog.W.PublicKey).ToString());
    }

    [Fact]
    public void Neither_kind_of_signature_counts_as_the_other()
    {
        Assert.True(SignedNote.TryParse(SpecificationLog.Note, out var note));
        Assert.False(note.IsSignedBy(NoteKey.Of("edgecoder/coord-2", NoteKeyType.Ed25519, SpecificationLog.W.PublicKey)));
        Assert.False(note.IsSignedBy(NoteKey.Of("edgecoder/coord-1", NoteKeyType.Cosignature, SpecificationLog.C.PublicKey)));
        Assert.False(note.IsSignedBy(NoteKey.Of("edgecoder/coord-3", NoteKeyType.Ed25519, SpecificationLog.C.PublicKey)));
    }

    [Fact]
    public void Any_changed_character_is_no_signed_note() =>
        Gen.Int[0, Published.Length - 1].Sample(at =>
        {
            NoteKey.TryParse(PublishedKey, out var key);
            var changed = Published[..at] + (char)(Published[at] ^ 1) + Published[(at + 1)..];
            return !SignedNote.TryParse(changed, out var note) || !note.IsSignedBy(key!);
        });

    [Theory]
    [InlineData("")]
    [InlineData("text without end")]
    [InlineData("text\n\n")]
    [InlineData("text\n\n\u2014 name\n")]
    [InlineData("text\n\n\u2014 na me AAAAAAAA\n")]
    [InlineData("text\n\n\u2014 name AAAA\n")]
    [InlineData("text\n\n- name AAAAAAAA\n")]
    [InlineData("te\txt\n\n\u2014 name AAAAAAAA\n")]
    [InlineData("text\n\n\u2014 name AAAAAAAB====\n")]
    public void What_is_no_note_is_refused(string text) => Assert.False(SignedNote.TryParse(text, out _));

    [Theory]
    [InlineData("a\n3\nAAAA\n")]
    [InlineData("a\n03\nAROu94IcI8cj3maTDndcWyAEJRxH0g62MScmFOej5C8=\n")]
    [InlineData("a\n-3\nAROu94IcI8cj3maTDndcWyAEJRxH0g62MScmFOej5C8=\n")]
    [InlineData("a\n3\nAROu94IcI8cj3maTDndcWyAEJRxH0g62MScmFOej5C8=\nextension\n")]
    [InlineData("a\n3\nAROu94IcI8cj3maTDndcWyAEJRxH0g62MScmFOej5C9=\n")]
    [InlineData("\n3\nAROu94IcI8cj3maTDndcWyAEJRxH0g62MScmFOej5C8=\n")]
    [InlineData("a\n99999999999999999999\nAROu94IcI8cj3maTDndcWyAEJRxH0g62MScmFOej5C8=\n")]
    public void What_is_no_checkpoint_is_refused(string text) => Assert.False(Checkpoint.TryParse(text, out _));

    [Theory]
    [InlineData("name")]
    [InlineData("name+00000000+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")]
    [InlineData("other+64c52a6e+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")]
    [InlineData("edgecoder/coord-1+64c52a6e+AgOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4")]
    [InlineData("edgecoder/coord-1+64c52a6e+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG")]
    public void What_is_no_key_is_refused(string text) => Assert.False(NoteKey.TryParse(text, out _));

    [Fact]
    public void A_signature_is_not_added_twice()
    {
        using var key = SigningKey.Generate();
        var signature = NoteSignature.Sign("a\n", "a", key);
        Assert.Single(new SignedNote("a\n", [signature]).With(signature).Signatures);
    }
}
