using EdgeCoder.Inference.Catalogue;

namespace EdgeCoder.Inference.Providers;

/// <summary>Digests as servers name them.</summary>
internal static class ProviderDigest
{
    /// <summary>The server names none: what answers may change unseen.</summary>
    public const string Unpinned = "unpinned";

    public static string Of(string? text) => ModelDigest.TryParse(text, out var digest) ? digest.ToString() : Unpinned;
}
