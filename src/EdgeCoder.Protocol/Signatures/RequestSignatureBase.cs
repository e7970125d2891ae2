using System.Text;

namespace EdgeCoder.Protocol.Signatures;

/// <summary>
/// The signature base of a request (RFC 9421 2.5), the same for who signs and who checks. Components: <c>@method</c>, <c>@path</c>, <c>@query</c>,
/// <c>@scheme</c>, <c>@authority</c>, <c>@target-uri</c>, <c>@request-target</c> and header fields, without parameters.
/// </summary>
public static class RequestSignatureBase
{
    /// <summary>Tag of our signatures.</summary>
    public const string Tag = "edgecoder";

    /// <summary>Components that every request covers, in the order in which we write them.</summary>
    public static readonly IReadOnlyList<string> Mandatory = ["@method", "@path", "@query", "content-digest"];

    /// <summary>The four components as our client writes them.</summary>
    public const string MandatoryText = "(\"@method\" \"@path\" \"@query\" \"content-digest\")";

    /// <summary>The base with the four components in our order.</summary>
    public static byte[] Build(in RequestTarget target, string contentDigest, string signatureParameters) => Encoding.UTF8.GetBytes(
        $"\"@method\": {target.Method}\n\"@path\": {target.Path}\n\"@query\": {target.Query}\n\"content-digest\": {contentDigest}\n\"@signature-params\": {signatureParameters}");

    /// <summary>
    /// The base of a received signature; null where it covers a component that is absent or that we do not know.
    /// </summary>
    /// <param name="target">The request.</param>
    /// <param name="input">What the signature covers.</param>
    /// <param name="header">Value of a header by its lower-case name: fields of one name trimmed and joined by comma and space; null when absent.</param>
    public static byte[]? Build(in RequestTarget target, SignatureInput input, Func<string, string?> header)
    {
        var text = new StringBuilder(256 + input.Text.Length);
        foreach (var component in input.Components)
        {
            if (component.Parameters.Length > 0 || Value(target, component.Name, header) is not { } value)
            {
                return null;
            }

            text.Append('"').Append(component.Name).Append("\": ").Append(value).Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.Append("\"@signature-params\": ").Append(input.Text).ToString());
    }

    private static string? Value(in RequestTarget target, string name, Func<string, string?> header) => name switch
    {
        "@method" => target.Method,
        "@path" => target.Path,
        "@query" => target.Query,
        "@scheme" => target.Scheme,
        "@authority" => target.Authority,
        "@target-uri" => $"{target.Scheme}://{target.Authority}{RequestTargetText(target)}",
        "@request-target" => RequestTargetText(target),
        ['@', ..] => null,
        _ => header(name),
    };

    private static string RequestTargetText(in RequestTarget target) => target.Query == "?" ? target.Path : target.Path + target.Query;
}
