namespace EdgeCoder.Protocol.Escalations;

/// <summary>The inference service as the receiver of signed requests.</summary>
public static class InferenceAudience
{
    /// <summary>
    /// What a nonce begins with when a coordinator signs for the inference service, where a peer's id stands else (coordinator-and-mesh 2.2): a request
    /// signed for it can be sent to no coordinator, and the reverse.
    /// </summary>
    public const string Name = "inference-service";
}
