namespace EdgeCoder.Ledger.Notes;

/// <summary>What a key of a note signs, by the byte in front of the key (C2SP signed-note).</summary>
public enum NoteKeyType : byte
{
    /// <summary>Ed25519 over the note's text: the log itself.</summary>
    Ed25519 = 0x01,

    /// <summary>Ed25519 over <c>cosignature/v1</c>, a time and the note's text: a witness (C2SP tlog-cosignature).</summary>
    Cosignature = 0x04,
}
