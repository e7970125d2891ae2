namespace EdgeCoder.Protocol.Signatures;

/// <summary>What a signature covers of a request besides its headers, as it stands in the request line.</summary>
/// <param name="Method">Method.</param>
/// <param name="Path">Path, percent-encoded as sent; <c>/</c> when empty.</param>
/// <param name="Query">Query with its question mark; <c>?</c> without a query (RFC 9421 2.2.7).</param>
/// <param name="Scheme">Lower case.</param>
/// <param name="Authority">Host in lower case, with a port that is not the scheme's own.</param>
public readonly record struct RequestTarget(string Method, string Path, string Query, string Scheme, string Authority)
{
    /// <summary>Of an address to be called.</summary>
    public static RequestTarget Of(string method, Uri address) => new(
        method,
        address.AbsolutePath,
        address.Query.Length == 0 ? "?" : address.Query,
        address.Scheme,
        address.IsDefaultPort ? address.IdnHost : $"{address.IdnHost}:{address.Port}");

    /// <summary>Of a request line: its target in origin form (or absolute form, of which the host is not believed).</summary>
    public static RequestTarget Of(string method, string rawTarget, string scheme, string authority)
    {
        var target = rawTarget.AsSpan();
        if (!target.StartsWith('/') && target.IndexOf("://", StringComparison.Ordinal) is > 0 and var at)
        {
            var rest = target[(at + 3)..];
            target = rest.IndexOf('/') is >= 0 and var slash ? rest[slash..] : "/";
        }

        var question = target.IndexOf('?');
        var path = question < 0 ? target : target[..question];
        return new(method, path.IsEmpty ? "/" : path.ToString(), question < 0 ? "?" : target[question..].ToString(), scheme, authority);
    }
}
