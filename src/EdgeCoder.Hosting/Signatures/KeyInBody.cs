namespace EdgeCoder.Hosting.Signatures;

/// <summary>
/// Marks <c>/register</c> and <c>/mesh/register-peer</c>: the signature is checked with <c>publicKeyPem</c> of the body (check 3), which proves
/// possession of that key and nothing else. Whether the key may be bound is decided by the route.
/// </summary>
public sealed record KeyInBody;
