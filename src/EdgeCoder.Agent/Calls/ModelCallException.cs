namespace EdgeCoder.Agent.Calls;

/// <summary>A call of the model failed; <see cref="Failure"/> says why. Never a cancellation by the caller.</summary>
internal sealed class ModelCallException(ModelFailure failure, Exception inner) : Exception(failure.Message, inner)
{
    /// <summary>Why.</summary>
    public ModelFailure Failure { get; } = failure;
}
