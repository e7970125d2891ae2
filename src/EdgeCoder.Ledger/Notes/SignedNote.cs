using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace EdgeCoder.Ledger.Notes;

/// <summary>A signed note (C2SP signed-note): text that ends with a line feed, an empty line, and one line a signature.</summary>
/// <param name="Text">The text with its last line feed: what is signed.</param>
/// <param name="Signatures">The signatures, at least one and at most 100; those of unknown keys are kept and prove nothing.</param>
public sealed record SignedNote(string Text, IReadOnlyList<NoteSignature> Signatures)
{
    /// <summary>Most characters of a note with its signatures.</summary>
    public const int MostCharacters = 1_000_000;

    private const int MostSignatures = 100;
    private const string LineStart = "\u2014 ";

    /// <summary>Reads one. False for anything malformed.</summary>
    public static bool TryParse(string? note, [NotNullWhen(true)] out SignedNote? parsed)
    {
        parsed = null;
        var blank = note?.LastIndexOf("\n\n", StringComparison.Ordinal) ?? -1;
        if (note is null || blank < 1 || blank + 2 == note.Length || note.Length > MostCharacters || note[^1] != '\n' || note.Any(c => (c < ' ' && c != '\n') || char.IsSurrogate(c) || c == '\uFFFD'))
        {
            return false;
        }

        var lines = note[(blank + 2)..^1].Split('\n');
        var signatures = new List<NoteSignature>();
        if (lines.Length > MostSignatures)
        {
            return false;
        }

        foreach (var line in lines)
        {
            if (Read(line) is not { } signature)
            {
                return false;
            }

            signatures.Add(signature);
        }

        parsed = new(note[..(blank + 1)], signatures);
        return true;
    }

    /// <summary>Whether the key has signed the text.</summary>
    public bool IsSignedBy(NoteKey key) => Signatures.Any(signature => signature.IsOf(key, Text));

    /// <summary>The same note with signatures that it does not have yet.</summary>
    public SignedNote With(params IEnumerable<NoteSignature> more) =>
        this with { Signatures = [.. Signatures, .. more.Where(one => !Signatures.Any(own => own.Name == one.Name && own.Hash == one.Hash && own.Bytes.AsSpan().SequenceEqual(one.Bytes)))] };

    /// <summary>The note as it is stored and served.</summary>
    public override string ToString() => $"{Text}\n{string.Concat(Signatures)}";

    private static NoteSignature? Read(string line)
    {
        if (!line.StartsWith(LineStart, StringComparison.Ordinal) || line[LineStart.Length..].Split(' ') is not [var name, var encoded] || !NoteKey.IsName(name))
        {
            return null;
        }

        var bytes = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, bytes, out var length) && length > 4 && Convert.ToBase64String(bytes.AsSpan(0, length)) == encoded
            ? new(name, BinaryPrimitives.ReadUInt32BigEndian(bytes), bytes[4..length])
            : null;
    }
}
