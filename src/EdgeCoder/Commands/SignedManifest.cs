using System.Text;
using EdgeCoder.Inference.Catalogue;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Manifests;

namespace EdgeCoder.Commands;

/// <summary>A model that a coordinator vouches for, as a download (economy-and-ledger 16.3, docs/model-manifests.md). Every check is made before anything is fetched.</summary>
internal static class SignedManifest
{
    private const int MostBytes = 16_384;

    /// <summary>Reads and checks it. Throws <see cref="ModelException"/> with the code of the first check that fails.</summary>
    /// <param name="surroundings">Where files are.</param>
    /// <param name="model">The model that was asked for: the manifest must be of it.</param>
    /// <param name="file">The manifest: its exact bytes, or the same as base64.</param>
    /// <param name="signer"><c>PEERID=FILE</c>; null: nobody is trusted.</param>
    /// <param name="sources">Where models may come from.</param>
    public static DownloadRequest Read(Surroundings surroundings, string model, string file, string? signer, SourceAllowList sources)
    {
        var (peer, keys) = Trusted(surroundings, signer);
        var path = Path.GetFullPath(file, surroundings.Directory);
        if (!File.Exists(path) || new FileInfo(path).Length > MostBytes)
        {
            throw new UsageException("file_missing", $"There is no manifest in {path}.");
        }

        var bytes = File.ReadAllBytes(path);
        var signed = bytes is [(byte)'{', ..] ? bytes : Base64Text.TryRead(Encoding.ASCII.GetString(bytes).Trim()) ?? [];
        if (PeerManifestCheck.FaultOf(signed, id => id == peer, sources.Sources, _ => keys) is { } fault)
        {
            throw new ModelException(fault, $"The manifest is not taken: {Words(fault)}", "Nothing was fetched.");
        }

        var manifest = PeerManifestCheck.Read(signed)!;
        return manifest.ModelId != model
            ? throw new UsageException("model_mismatch", $"The manifest is of {manifest.ModelId}.")
            : new() { Source = new(manifest.Source), Digest = ModelDigest.Parse(manifest.Sha256), SizeBytes = manifest.SizeBytes, OnlyListedHops = true, Description = new() { ModelId = model } };
    }

    private static (string? Peer, IReadOnlyList<VerifyingKey> Keys) Trusted(Surroundings surroundings, string? signer)
    {
        if (signer is null)
        {
            return (null, []);
        }

        var at = signer.IndexOf('=', StringComparison.Ordinal);
        var path = at > 0 ? Path.GetFullPath(signer[(at + 1)..], surroundings.Directory) : "";
        return at > 0 && File.Exists(path)
            ? (signer[..at], VerifyingKey.TryParse(File.ReadAllText(path), out var key) ? [key] : [])
            : throw new UsageException("invalid_option", "--signer is PEERID=FILE, with the coordinator's key (SPKI PEM) in the file.");
    }

    private static string Words(string fault) => fault switch
    {
        PeerManifestCheck.UntrustedPeer => "its signer is not the coordinator that --signer names.",
        PeerManifestCheck.InvalidSourceUrl => "its source is no https address.",
        PeerManifestCheck.SourceNotAllowlisted => "its source is not on the list (MODEL_SOURCE_ALLOWLIST).",
        PeerManifestCheck.DisallowedFileExtension => "its file is no .gguf, .bin or .safetensors.",
        PeerManifestCheck.NoPublicKeyForPeer => "the file of --signer holds no Ed25519 key.",
        PeerManifestCheck.InvalidSignature => "that coordinator's key did not sign it.",
        _ => "it has not the form of one.",
    };
}
