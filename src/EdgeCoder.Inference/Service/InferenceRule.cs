using Microsoft.AspNetCore.Http;

namespace EdgeCoder.Inference.Service;

/// <summary>Who may call a route of this role. A route without one is a fault that a test finds.</summary>
/// <param name="Token">Whether <c>x-inference-token</c> is needed.</param>
/// <param name="Signature">Whether a trusted coordinator's signature is needed too.</param>
internal sealed record InferenceRule(bool Token, bool Signature)
{
    /// <summary>Most bytes of a body: 1 MiB unless said otherwise.</summary>
    public int MaxBodyBytes { get; init; } = 1 << 20;

    /// <summary>Only <c>/health</c>.</summary>
    public static InferenceRule Open { get; } = new(false, false);

    /// <summary>Most routes.</summary>
    public static InferenceRule WithToken { get; } = new(true, false);

    /// <summary>Routes that take whole conversations: up to 16 MiB.</summary>
    public static InferenceRule WithTokenAndLongBody { get; } = WithToken with { MaxBodyBytes = 16 << 20 };

    /// <summary><c>/decompose</c> and <c>/escalate</c>.</summary>
    public static InferenceRule Signed { get; } = new(true, true);
}
