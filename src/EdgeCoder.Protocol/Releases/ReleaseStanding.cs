using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Protocol.Releases;

/// <summary>Whether a program is a release that was signed (economy-and-ledger 16.4).</summary>
/// <param name="Status"><c>verified</c>, <c>signature_mismatch</c>, <c>hash_mismatch</c> or <c>unverified</c>.</param>
/// <param name="Reason">Of <c>unverified</c>: <c>no_signature_provided</c>, <c>manifest_not_cached</c> or <c>no_active_release_keys</c>.</param>
public sealed record ReleaseStanding(string Status, string? Reason = null)
{
    /// <summary>Signed by a key in force, and the files are those that were signed.</summary>
    public static ReleaseStanding Verified { get; } = new("verified");

    /// <summary>The signature is of no key in force, or of other bytes.</summary>
    public static ReleaseStanding SignatureMismatch { get; } = new("signature_mismatch");

    /// <summary>The files are not those that were signed.</summary>
    public static ReleaseStanding HashMismatch { get; } = new("hash_mismatch");

    /// <summary>Whether it is.</summary>
    public bool IsVerified => Status == Verified.Status;

    /// <summary>Nothing can be said, because of this.</summary>
    public static ReleaseStanding Unverified(string reason) => new("unverified", reason);

    /// <summary>Judges what an agent says of its own program, by the manifests that are known here.</summary>
    /// <param name="claim">What it says; null when nothing.</param>
    /// <param name="manifests">Exact bytes of manifests.</param>
    /// <param name="keys">Keys in force.</param>
    public static ReleaseStanding Of(BinaryIntegrity? claim, IReadOnlyList<ReadOnlyMemory<byte>> manifests, IReadOnlyList<VerifyingKey> keys)
    {
        if (claim is not { DistHash: { } distHash, ReleaseVersion: { } version, ReleaseSignature: { } signature })
        {
            return Unverified("no_signature_provided");
        }

        if (keys.Count == 0)
        {
            return Unverified("no_active_release_keys");
        }

        // Two manifests may claim one version: the one counts that was signed.
        var known = manifests.Select(bytes => (bytes, Read: ReleaseManifest.Read(bytes.Span))).Where(one => one.Read?.Version == version).ToList();
        return known.Count == 0 ? Unverified("manifest_not_cached")
            : known.FirstOrDefault(one => ReleaseManifest.IsSigned(one.bytes.Span, signature, keys)).Read is not { } signed ? SignatureMismatch
            : signed.DistTreeHash == distHash ? Verified
            : HashMismatch;
    }

    /// <inheritdoc/>
    public override string ToString() => Reason is null ? Status : $"{Status}({Reason})";
}
