using System.Diagnostics.CodeAnalysis;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Protocol.Manifests;

namespace EdgeCoder.Inference.Catalogue;

/// <summary>Where models may come from, as <see cref="ModelSources"/> says, with the words of a refusal.</summary>
public sealed class SourceAllowList
{
    private SourceAllowList(ModelSources sources) => Sources = sources;

    /// <summary>The project's own sites and Hugging Face.</summary>
    public static SourceAllowList Default { get; } = new(ModelSources.Default);

    /// <summary>The list.</summary>
    public ModelSources Sources { get; }

    /// <summary>Reads comma-separated https prefixes.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out SourceAllowList? list, [NotNullWhen(false)] out string? fault)
    {
        list = ModelSources.TryParse(text, out var sources, out fault) ? new(sources) : null;
        return list is not null;
    }

    /// <summary>Whether a file may come from there.</summary>
    public bool Allows(Uri source) => Sources.Allows(source);

    /// <summary>Throws <c>source_not_allowed</c>.</summary>
    public void Require(Uri source)
    {
        if (!Allows(source))
        {
            throw new ModelException(
                "source_not_allowed",
                $"Models may not come from {source.GetLeftPart(UriPartial.Path)}.",
                $"Accepted: {Sources}. MODEL_SOURCE_ALLOWLIST changes this.");
        }
    }

    /// <summary>
    /// Throws <c>redirect_refused</c> for a hop that is not https. Where a hop leads does not matter otherwise: the digest decides about the
    /// bytes. Plain http to loopback passes only where the list itself names loopback.
    /// </summary>
    internal void RequireHop(Uri address)
    {
        if (address.Scheme != Uri.UriSchemeHttps && !(ModelSources.IsLoopbackHttp(address) && Sources.HasLoopback))
        {
            throw new ModelException("redirect_refused", $"The source redirects to {address.GetLeftPart(UriPartial.Path)}, which is not https. It was not followed.", "Take another source.");
        }
    }
}
