using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Protocol.Rotations;

/// <summary>
/// A statement of a key with its signatures (economy-and-ledger 16.2): old and new key have signed the same exact bytes, those of the canonical statement without its two
/// signatures. They are cut out of what was received; nothing is written again to be checked.
/// </summary>
public sealed class SignedKeyStatement
{
    /// <summary>How long the old key counts beside the new one.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(48);

    private SignedKeyStatement(byte[] bytes, byte[] content, KeyStatement statement, VerifyingKey key) => (Bytes, _content, Statement, Key) = (bytes, content, statement, key);

    private readonly byte[] _content;

    /// <summary>The exact bytes, canonical.</summary>
    public byte[] Bytes { get; }

    /// <summary>What it says.</summary>
    public KeyStatement Statement { get; }

    /// <summary>The new key.</summary>
    public VerifyingKey Key { get; }

    /// <summary>The first statement of a log: it announces a key.</summary>
    public static SignedKeyStatement Announce(string coordinatorId, SigningKey key, long nowMs) => Sign(coordinatorId, null, key, nowMs, nowMs);

    /// <summary>A change from one key to another, with the usual overlap.</summary>
    public static SignedKeyStatement Change(string coordinatorId, SigningKey oldKey, SigningKey newKey, long activatesAtMs) =>
        Sign(coordinatorId, oldKey, newKey, activatesAtMs, activatesAtMs + (long)Overlap.TotalMilliseconds);

    /// <summary>A statement with any times; for those who must refuse it.</summary>
    public static SignedKeyStatement Sign(string coordinatorId, SigningKey? oldKey, SigningKey newKey, long activatesAtMs, long overlapUntilMs)
    {
        var statement = new KeyStatement
        {
            V = 1,
            CoordinatorId = coordinatorId,
            OldKeyId = oldKey?.PublicKey.KeyId,
            NewKeyId = newKey.PublicKey.KeyId,
            NewPublicKey = newKey.PublicKey.Pem,
            ActivatesAtMs = activatesAtMs,
            OverlapUntilMs = overlapUntilMs,
        };
        var content = CanonicalJson.Write(statement, KeyStatementJson.Default.KeyStatement);
        var signed = statement with
        {
            OldSignature = oldKey is null ? null : SignedDocument.SignDetached(DocumentContexts.KeyRotation, content, oldKey),
            Signature = SignedDocument.SignDetached(DocumentContexts.KeyRotation, content, newKey),
        };
        return new(CanonicalJson.Write(signed, KeyStatementJson.Default.KeyStatement), content, signed, newKey.PublicKey);
    }

    /// <summary>Reads received bytes: form, version, the new key and its signature. What the old key has to say of it, see <see cref="IsSignedByOld"/>. Never throws.</summary>
    public static KeyFault? TryRead(byte[] bytes, [NotNullWhen(true)] out SignedKeyStatement? signed)
    {
        signed = null;
        if (!CanonicalJson.IsCanonical(bytes) || bytes[0] != '{')
        {
            return KeyFault.NotCanonical;
        }

        KeyStatement? statement;
        try
        {
            statement = JsonSerializer.Deserialize(bytes, KeyStatementJson.Default.KeyStatement);
        }
        catch (JsonException)
        {
            return KeyFault.NotCanonical;
        }

        if (statement is null || (statement.OldKeyId is null) != (statement.OldSignature is null))
        {
            return KeyFault.NotCanonical;
        }

        if (statement.V != 1)
        {
            return KeyFault.UnknownVersion;
        }

        if (!VerifyingKey.TryParse(statement.NewPublicKey, out var key) || key.KeyId != statement.NewKeyId || key.Pem != statement.NewPublicKey)
        {
            return KeyFault.KeyIdMismatch;
        }

        var read = new SignedKeyStatement(bytes, WithoutSignatures(bytes), statement, key);
        if (!read.Has(statement.Signature, key))
        {
            return KeyFault.NewSignatureInvalid;
        }

        signed = read;
        return null;
    }

    /// <summary>Whether a key is the old one that it names, and has signed it.</summary>
    public bool IsSignedByOld(VerifyingKey old) => Statement.OldKeyId == old.KeyId && Has(Statement.OldSignature, old);

    private bool Has(string? signature, VerifyingKey key) => SignedDocument.VerifyDetached(DocumentContexts.KeyRotation, _content, signature, key);

    // Neither signature comes first in canonical order, so each has a comma before it.
    private static byte[] WithoutSignatures(byte[] canonical)
    {
        var content = new List<byte>(canonical.Length);
        var reader = new Utf8JsonReader(canonical);
        var kept = 0;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var start = (int)reader.TokenStartIndex - 1;
            var isSignature = reader.ValueTextEquals("signature"u8) || reader.ValueTextEquals("oldSignature"u8);
            reader.Read();
            reader.Skip();
            if (isSignature)
            {
                content.AddRange(canonical.AsSpan(kept, start - kept));
                kept = (int)reader.BytesConsumed;
            }
        }

        content.AddRange(canonical.AsSpan(kept));
        return [.. content];
    }
}
