namespace EdgeCoder.Hosting.Callers;

/// <summary>
/// Marks a route whose body may be larger than 1 MiB and is hashed by the route itself against the digest in its path. The check of a signed request does
/// not read such a body: it holds the signed <c>Content-Digest</c> against the path's last segment, which is the same SHA-256 in hex.
/// </summary>
public sealed record StreamedBody;
