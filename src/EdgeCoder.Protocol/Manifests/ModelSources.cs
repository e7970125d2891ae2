using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace EdgeCoder.Protocol.Manifests;

/// <summary>
/// Where models may come from (<c>MODEL_SOURCE_ALLOWLIST</c>): https prefixes (http only for a loopback address that is listed itself), compared by parsed host, port and whole path segments, never as text.
/// A sub-domain, a longer host name, user-info or <c>..</c> does not slip through.
/// </summary>
public sealed class ModelSources
{
    private readonly IReadOnlyList<Uri> _prefixes;

    private ModelSources(IReadOnlyList<Uri> prefixes) => _prefixes = prefixes;

    /// <summary>The project's own sites and Hugging Face.</summary>
    public static ModelSources Default { get; } =
        new([new("https://models.edgecoder.local/"), new("https://models.edgecoder.io/"), new("https://huggingface.co/")]);

    /// <summary>Whether the list itself names a loopback address with http.</summary>
    public bool HasLoopback => _prefixes.Any(IsLoopbackHttp);

    /// <summary>Reads comma-separated https prefixes.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ModelSources? list, [NotNullWhen(false)] out string? fault)
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

    /// <summary>Whether an address is http of this very machine.</summary>
    public static bool IsLoopbackHttp(Uri uri) =>
        uri.Scheme == Uri.UriSchemeHttp && IPAddress.TryParse(uri.IdnHost.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip);

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", _prefixes);

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
