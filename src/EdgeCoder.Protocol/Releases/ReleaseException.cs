namespace EdgeCoder.Protocol.Releases;

/// <summary>A release that cannot be read or made: a link in its tree, a manifest of another form.</summary>
/// <param name="reason">Code: <c>link_in_tree</c>, <c>manifest_missing</c>, <c>manifest_invalid</c>, <c>invalid_release_keys</c>.</param>
/// <param name="message">What is wrong, for people.</param>
public sealed class ReleaseException(string reason, string message) : Exception(message)
{
    /// <summary>Code.</summary>
    public string Reason { get; } = reason;
}
