using System.Security.Cryptography;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Protocol.Releases;

/// <summary>A release on disk: the program's files, with manifest and signature at their root.</summary>
public static class ReleaseFolder
{
    /// <summary>Checks one: the signature over the exact bytes, then every file.</summary>
    /// <param name="directory">Root of the release.</param>
    /// <param name="keys">Keys in force.</param>
    /// <exception cref="ReleaseException"><c>manifest_missing</c>, <c>manifest_invalid</c>, <c>link_in_tree</c>.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static (ReleaseStanding Standing, ReleaseManifest Manifest) Check(string directory, IReadOnlyList<VerifyingKey> keys)
    {
        var (bytes, signature) = Read(directory) ?? throw new ReleaseException("manifest_missing", $"There is no {ReleaseManifest.FileName} in {directory}.");
        var manifest = ReleaseManifest.Read(bytes) ?? throw new ReleaseException("manifest_invalid", $"{ReleaseManifest.FileName} is no manifest of a release.");
        return (
            signature is null ? ReleaseStanding.Unverified("no_signature_provided")
                : ReleaseStanding.Of(new BinaryIntegrity(ReleaseTree.HashOf(directory), manifest.Version, signature, null), [bytes], keys),
            manifest);
    }

    /// <summary>Whether a downloaded file is the artifact of this name.</summary>
    public static bool IsArtifact(ReleaseManifest manifest, string file)
    {
        using var content = File.OpenRead(file);
        var hash = Convert.ToHexStringLower(SHA256.HashData(content));
        return manifest.Artifacts.Any(artifact => artifact.Name == Path.GetFileName(file) && artifact.Sha256 == hash);
    }

    /// <summary>What a program says of itself at registration; null for its hash, version and signature where it is no release, or one that cannot be read.</summary>
    /// <param name="directory">Where it is installed.</param>
    /// <param name="version">Its version.</param>
    /// <param name="channel">Where it came from, a label.</param>
    public static BinaryIntegrity? Claim(string directory, string version, string? channel)
    {
        try
        {
            if (Read(directory) is var (bytes, signature) && ReleaseManifest.Read(bytes) is { } manifest)
            {
                return new(ReleaseTree.HashOf(directory), manifest.Version, signature, channel);
            }
        }
        catch (Exception fault) when (fault is ReleaseException or IOException or UnauthorizedAccessException)
        {
            // Then nothing is claimed, and a coordinator that asks for a release refuses.
        }

        return channel is null ? null : new(null, version, null, channel);
    }

    /// <summary>Makes the manifest of a tree and writes it to its root; the signature is another step.</summary>
    /// <param name="directory">Root of the tree.</param>
    /// <param name="version">Version of the program.</param>
    /// <param name="artifacts">Files that are offered for download.</param>
    /// <param name="nowMs">When.</param>
    public static void Make(string directory, string version, IEnumerable<string> artifacts, long nowMs)
    {
        var manifest = new ReleaseManifest
        {
            Version = version,
            Artifacts = [.. artifacts.Select(file => new ReleaseArtifact(Path.GetFileName(file), Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))))],
            DistTreeHash = ReleaseTree.HashOf(directory),
            Timestamp = nowMs,
        };
        File.WriteAllBytes(Path.Combine(directory, ReleaseManifest.FileName), manifest.Write());
        File.Delete(Path.Combine(directory, ReleaseManifest.SignatureFileName));
    }

    /// <summary>Signs the manifest of a release, after its files were compared with it.</summary>
    /// <exception cref="ReleaseException">As <see cref="Check"/>; <c>hash_mismatch</c> where the files changed since.</exception>
    public static void Sign(string directory, SigningKey key)
    {
        var (bytes, _) = Read(directory) ?? throw new ReleaseException("manifest_missing", $"There is no {ReleaseManifest.FileName} in {directory}.");
        var manifest = ReleaseManifest.Read(bytes) ?? throw new ReleaseException("manifest_invalid", $"{ReleaseManifest.FileName} is no manifest of a release.");
        if (manifest.DistTreeHash != ReleaseTree.HashOf(directory))
        {
            throw new ReleaseException("hash_mismatch", "The files are not those of the manifest any more. Make it again.");
        }

        File.WriteAllText(Path.Combine(directory, ReleaseManifest.SignatureFileName), ReleaseManifest.Sign(bytes, key) + "\n");
    }

    private static (byte[] Manifest, string? Signature)? Read(string directory)
    {
        var manifest = new FileInfo(Path.Combine(directory, ReleaseManifest.FileName));
        var signature = new FileInfo(Path.Combine(directory, ReleaseManifest.SignatureFileName));
        if (!manifest.Exists)
        {
            return null;
        }

        if (manifest.LinkTarget is not null || signature.LinkTarget is not null)
        {
            throw new ReleaseException("link_in_tree", "The manifest or its signature is a link; a release has none.");
        }

        return manifest.Length > ReleaseManifest.MostBytes ? throw new ReleaseException("manifest_invalid", "The manifest is too large.")
            : (File.ReadAllBytes(manifest.FullName), signature is { Exists: true, Length: < 1_024 } ? File.ReadAllText(signature.FullName).TrimEnd('\n') : null);
    }
}
