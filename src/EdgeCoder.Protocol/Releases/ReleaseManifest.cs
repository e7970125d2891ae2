using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Protocol.Releases;

/// <summary>
/// <c>release-manifest.json</c> (economy-and-ledger 16.4). Its exact bytes are what is signed, kept and compared; whoever writes them anew has another manifest.
/// </summary>
public sealed record ReleaseManifest
{
    /// <summary>Name of the manifest at the root of a release.</summary>
    public const string FileName = "release-manifest.json";

    /// <summary>Name of its signature: padded base64 and a line feed.</summary>
    public const string SignatureFileName = FileName + ".sig";

    /// <summary>Most bytes that a manifest has.</summary>
    public const int MostBytes = 1 << 20;

    private const int HashLength = 64;

    /// <summary>Version of the program.</summary>
    public required string Version { get; init; }

    /// <summary>Files that are offered for download.</summary>
    public required IReadOnlyList<ReleaseArtifact> Artifacts { get; init; }

    /// <summary><see cref="ReleaseTree.HashOf"/> of the installed files.</summary>
    public required string DistTreeHash { get; init; }

    /// <summary>When it was made, in milliseconds since the Unix epoch.</summary>
    public required long Timestamp { get; init; }

    /// <summary>Reads one: these members and no others, each once. Null for anything else.</summary>
    public static ReleaseManifest? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MostBytes)
        {
            return null;
        }

        try
        {
            var read = JsonSerializer.Deserialize(bytes, ReleaseJson.Default.ReleaseManifest);
            return read is { Version: { Length: > 0 and <= 64 }, Artifacts: not null, DistTreeHash: not null, Timestamp: >= 0 } && IsHash(read.DistTreeHash)
                && read.Artifacts.All(artifact => artifact is { Name: { Length: > 0 }, Sha256: not null } && IsHash(artifact.Sha256))
                ? read
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The bytes to be signed, indented for people.</summary>
    public byte[] Write() => [.. JsonSerializer.SerializeToUtf8Bytes(this, ReleaseJson.Default.ReleaseManifest), (byte)'\n'];

    /// <summary>The signature of a manifest's exact bytes, padded base64.</summary>
    public static string Sign(ReadOnlySpan<byte> manifest, SigningKey key) => SignedDocument.SignDetached(DocumentContexts.ReleaseManifest, manifest, key);

    /// <summary>Whether one of these keys signed exactly these bytes. Never throws.</summary>
    public static bool IsSigned(ReadOnlySpan<byte> manifest, string? signature, IReadOnlyList<VerifyingKey> keys)
    {
        foreach (var key in keys)
        {
            if (SignedDocument.VerifyDetached(DocumentContexts.ReleaseManifest, manifest, signature, key))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsHash(string text) => text.Length == HashLength && text.All(c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'));
}

/// <summary>A file that is offered for download.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sha256">Lower-case hex.</param>
public sealed record ReleaseArtifact(string Name, string Sha256);

/// <summary>How a manifest and the list of keys are written and read.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false, WriteIndented = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ReleaseManifest))]
[JsonSerializable(typeof(IReadOnlyList<ReleaseKey>))]
internal sealed partial class ReleaseJson : JsonSerializerContext;
