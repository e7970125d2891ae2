using System.Text.Json;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Protocol.Releases;

/// <summary>A key whose releases are taken.</summary>
/// <param name="PublicKeyPem">SPKI PEM.</param>
/// <param name="ActivatedAtMs">From when.</param>
/// <param name="ExpiresAtMs">Until when, exclusive; null: until it is taken out. A key that is replaced stays for 90 days beside the new one.</param>
public sealed record ReleaseKey(string PublicKeyPem, long ActivatedAtMs, long? ExpiresAtMs = null);

/// <summary>
/// The keys that are built into the program (economy-and-ledger 16.4). A build has those of the file that <c>-p:ReleaseKeys=</c> names, and none without it: then no release is
/// verified, and the program does not update itself.
/// </summary>
public sealed class ReleaseKeys
{
    private readonly IReadOnlyList<(VerifyingKey Key, long FromMs, long? UntilMs)> _keys;

    /// <summary>Takes keys.</summary>
    /// <exception cref="ReleaseException"><c>invalid_release_keys</c>.</exception>
    public ReleaseKeys(IReadOnlyList<ReleaseKey> keys) => _keys =
    [
        .. keys.Select(one => VerifyingKey.TryParse(one.PublicKeyPem, out var key) && (one.ExpiresAtMs ?? long.MaxValue) > one.ActivatedAtMs
            ? (key, one.ActivatedAtMs, one.ExpiresAtMs)
            : throw new ReleaseException("invalid_release_keys", "A release key is no Ed25519 key as SPKI PEM, or ends before it begins.")),
    ];

    /// <summary>Those of this build.</summary>
    public static ReleaseKeys BuiltIn { get; } = Parse(Resource());

    /// <summary>Reads the list of a build.</summary>
    /// <exception cref="ReleaseException"><c>invalid_release_keys</c>.</exception>
    public static ReleaseKeys Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return new(JsonSerializer.Deserialize(json, ReleaseJson.Default.IReadOnlyListReleaseKey) ?? []);
        }
        catch (JsonException)
        {
            throw new ReleaseException("invalid_release_keys", "The list of release keys is no JSON array of {publicKeyPem, activatedAtMs, expiresAtMs}.");
        }
    }

    /// <summary>Those in force.</summary>
    public IReadOnlyList<VerifyingKey> ActiveAt(long nowMs) => [.. _keys.Where(one => one.FromMs <= nowMs && (one.UntilMs is not { } end || nowMs < end)).Select(one => one.Key)];

    private static byte[] Resource()
    {
        using var stream = typeof(ReleaseKeys).Assembly.GetManifestResourceStream("release-keys.json")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
