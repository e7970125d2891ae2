using System.Diagnostics.CodeAnalysis;
using System.Net;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Catalogue;

/// <summary>
/// Where models may come from: https prefixes (http only for a loopback address that is listed itself), compared by parsed host, port and whole path segments, never as text. A sub-domain, a longer
/// host name, user-info or <c>..</c> does not slip through.
/// </summary>
public sealed class SourceAllowList
{
    private readonly IReadOnlyList<Uri> _prefixes;

    private SourceAllowList(IReadOnlyList<Uri> prefixes) => _prefixes = prefixes;

    /// <summary>The project's own sites and Hugging Face.</summary>
    public static SourceAllowList Default { get; } =
        new([new("https://models.edgecoder.local/"), new("https://models.edgecoder.io/"), new("https://huggingface.co/")]);

    /// <summary>Reads comma-separated https prefixes.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out SourceAllowList? list, [NotNullWhen(false)] out string? fault)
    {
        (list, fault) = (null, null);
        var prefixes = new List<Uri>();
        foreach (var item in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Uri.TryCreate(item, UriKind.Absolute, out var uri) || !(uri.Scheme == Uri.UriSchemeHttps || IsLoopbackHttp(uri)) || !IsPlain(uri))
            {
                fault = $"\"{item}\" is not an https address (http only for a loopback address) without user name, query and fragment";
                return false;
            }

            prefixes.Add(uri);
        }

        list = new(prefixes);
        return true;
    }

    /// <summary>Whether a file may come from there.</summary>
    public bool Allows(Uri source) =>
        source.IsAbsoluteUri && source.UserInfo.Length == 0
        && _prefixes.Any(prefix => prefix.Scheme == source.Scheme && prefix.IdnHost.Equals(source.IdnHost, StringComparison.OrdinalIgnoreCase) && prefix.Port == source.Port && IsBelow(prefix, source));

    /// <summary>Throws <c>source_not_allowed</c>.</summary>
    public void Require(Uri source)
    {
        if (!Allows(source))
        {
            throw new ModelException(
                "source_not_allowed",
                $"Models may not come from {source.GetLeftPart(UriPartial.Path)}.",
                $"Accepted: {string.Join(", ", _prefixes)}. MODEL_SOURCE_ALLOWLIST changes this.");
        }
    }

    /// <summary>
    /// Throws <c>redirect_refused</c> for a hop that is not https. Where a hop leads does not matter otherwise: the digest decides about the
    /// bytes. Plain http to loopback passes only where the list itself names loopback.
    /// </summary>
    internal void RequireHop(Uri address)
    {
        if (address.Scheme != Uri.UriSchemeHttps && !(IsLoopbackHttp(address) && _prefixes.Any(IsLoopbackHttp)))
        {
            throw new ModelException("redirect_refused", $"The source redirects to {address.GetLeftPart(UriPartial.Path)}, which is not https. It was not followed.", "Take another source.");
        }
    }

    private static bool IsLoopbackHttp(Uri uri) =>
        uri.Scheme == Uri.UriSchemeHttp && IPAddress.TryParse(uri.IdnHost.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip);

    private static bool IsPlain(Uri uri) => uri.UserInfo.Length == 0 && uri.Query.Length == 0 && uri.Fragment.Length == 0;

    private static bool IsBelow(Uri prefix, Uri source)
    {
        var wanted = Segments(prefix);
        var given = Segments(source);

        // An escaped slash or dot would be a segment of its own for some servers.
        return given.Count >= wanted.Count && given.Take(wanted.Count).SequenceEqual(wanted, StringComparer.Ordinal)
            && !given.Any(segment => segment.Contains("%2f", StringComparison.OrdinalIgnoreCase) || segment.Contains("%2e", StringComparison.OrdinalIgnoreCase) || segment == "..");
    }

    private static List<string> Segments(Uri uri) => [.. uri.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries)];
}
