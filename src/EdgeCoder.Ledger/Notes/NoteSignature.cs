using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Ledger.Notes;

/// <summary>A line of signature below a note: <c>— name base64</c> (C2SP signed-note).</summary>
/// <param name="Name">Name of the key.</param>
/// <param name="Hash">First four bytes of the key's hash.</param>
/// <param name="Bytes">The signature: 64 bytes; of a witness 8 bytes of time before them.</param>
public sealed record NoteSignature(string Name, uint Hash, byte[] Bytes)
{
    private const int TimeSize = 8;

    /// <summary>Seconds since 1970 that a witness gave; null for another signature.</summary>
    public long? Time => Bytes.Length == TimeSize + SigningKey.SignatureSize ? BinaryPrimitives.ReadInt64BigEndian(Bytes) : null;

    /// <summary>Signs a note's text as the log.</summary>
    public static NoteSignature Sign(string text, string name, SigningKey key) =>
        new(name, NoteKey.Of(name, NoteKeyType.Ed25519, key.PublicKey).Hash, key.Sign(Encoding.UTF8.GetBytes(text)));

    /// <summary>Cosigns a note's text as a witness at a time, in seconds since 1970.</summary>
    public static NoteSignature Cosign(string text, string name, long time, SigningKey key)
    {
        var bytes = new byte[TimeSize + SigningKey.SignatureSize];
        BinaryPrimitives.WriteInt64BigEndian(bytes, time);
        key.Sign(Cosigned(text, time)).CopyTo(bytes, TimeSize);
        return new(name, NoteKey.Of(name, NoteKeyType.Cosignature, key.PublicKey).Hash, bytes);
    }

    /// <summary>Whether this signature is the key's over the text. Never throws.</summary>
    public bool IsOf(NoteKey key, string text) => Name == key.Name && Hash == key.Hash && key.Type switch
    {
        NoteKeyType.Ed25519 => key.Key.Verify(Encoding.UTF8.GetBytes(text), Bytes),
        _ => Time is { } time and >= 0 && key.Key.Verify(Cosigned(text, time), Bytes.AsSpan(TimeSize)),
    };

    /// <summary>The line, with its line feed.</summary>
    public override string ToString()
    {
        Span<byte> hash = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(hash, Hash);
        return $"\u2014 {Name} {Convert.ToBase64String([.. hash, .. Bytes])}\n";
    }

    // C2SP tlog-cosignature, "Format": the header line, the time line, then the whole text.
    private static byte[] Cosigned(string text, long time) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"cosignature/v1\ntime {time}\n{text}"));
}
