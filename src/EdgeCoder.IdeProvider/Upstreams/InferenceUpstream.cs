namespace EdgeCoder.IdeProvider.Upstreams;

/// <summary>The inference service of this machine.</summary>
/// <param name="Upstream">How it is asked.</param>
internal sealed record InferenceUpstream(LocalUpstream Upstream);
