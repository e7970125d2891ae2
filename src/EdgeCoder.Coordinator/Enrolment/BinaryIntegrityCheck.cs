using System.Text.Json;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Coordinator.Enrolment;

/// <summary>
/// Whether an agent says it runs a release that is known and signed (economy-and-ledger 16.4). It is the agent's own word: it can keep an agent out, and
/// never raises trust or pay.
/// </summary>
internal static class BinaryIntegrityCheck
{
    /// <summary>verified, unverified, signature_mismatch or hash_mismatch.</summary>
    /// <param name="claim">What the agent says; null when nothing.</param>
    /// <param name="manifests">Exact bytes of the release manifests that are known.</param>
    /// <param name="releaseKeys">SPKI PEM of the pinned keys in force.</param>
    public static string StatusOf(BinaryIntegrity? claim, IReadOnlyList<ReadOnlyMemory<byte>> manifests, IReadOnlyList<string> releaseKeys)
    {
        if (claim is not { DistHash: { } distHash, ReleaseVersion: { } version, ReleaseSignature: { } signature } || releaseKeys.Count == 0)
        {
            return "unverified";
        }

        foreach (var manifest in manifests)
        {
            if (Read(manifest) is var (known, treeHash) && known == version)
            {
                return !releaseKeys.Any(pem => VerifyingKey.TryParse(pem, out var key) && key.Verify(manifest.Span, signature)) ? "signature_mismatch"
                    : string.Equals(treeHash, distHash, StringComparison.Ordinal) ? "verified"
                    : "hash_mismatch";
            }
        }

        return "unverified";
    }

    private static (string Version, string TreeHash)? Read(ReadOnlyMemory<byte> manifest)
    {
        try
        {
            using var document = JsonDocument.Parse(manifest);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("version", out var version) && version.ValueKind is JsonValueKind.String
                && root.TryGetProperty("distTreeHash", out var hash) && hash.ValueKind is JsonValueKind.String
                ? (version.GetString()!, hash.GetString()!)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
