using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Ledger.Notes;

/// <summary>
/// A named key that signs notes, in the text form <c>name+hash+base64</c> of C2SP signed-note ("vkey"): the hash is the first four bytes of
/// SHA-256(name, LF, type, key) in hex, the base64 is of type and key.
/// </summary>
public sealed record NoteKey
{
    private NoteKey(string name, NoteKeyType type, VerifyingKey key)
    {
        (Name, Type, Key) = (name, type, key);
        Hash = BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', (byte)type, .. key.Raw]));
    }

    /// <summary>Its name: of a log, its origin.</summary>
    public string Name { get; }

    /// <summary>What it signs.</summary>
    public NoteKeyType Type { get; }

    /// <summary>The key.</summary>
    public VerifyingKey Key { get; }

    /// <summary>First four bytes of the key's hash: how a signature names its key, beside the name.</summary>
    public uint Hash { get; }

    /// <summary>A key under a name. Throws <see cref="ArgumentException"/> for a name that a note cannot carry.</summary>
    public static NoteKey Of(string name, NoteKeyType type, VerifyingKey key) =>
        IsName(name) ? new(name, type, key) : throw new ArgumentException("A name of a key has characters other than space and plus, and at least one.", nameof(name));

    /// <summary>Reads the text form. False for anything malformed, an unknown type, a hash that is another key's.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out NoteKey? key)
    {
        key = null;
        if (text?.Split('+', 3) is not [var name, { Length: 8 } hash, var encoded] || !IsName(name)
            || !uint.TryParse(hash, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[33];
        if (!Convert.TryFromBase64String(encoded, bytes, out var length) || length != bytes.Length || Convert.ToBase64String(bytes) != encoded
            || (NoteKeyType)bytes[0] is not (NoteKeyType.Ed25519 or NoteKeyType.Cosignature)
            || !VerifyingKey.TryFromRaw(bytes[1..], out var raw))
        {
            return false;
        }

        var found = new NoteKey(name, (NoteKeyType)bytes[0], raw);
        key = found.Hash == number ? found : null;
        return key is not null;
    }

    /// <summary>The text form.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}+{Hash:x8}+{Convert.ToBase64String([(byte)Type, .. Key.Raw])}");

    /// <summary>Whether a note can carry a name: not empty, no white space or control character, no plus.</summary>
    public static bool IsName(string name) => name.Length > 0 && !name.Any(c => c == '+' || char.IsWhiteSpace(c) || char.IsControl(c));
}
