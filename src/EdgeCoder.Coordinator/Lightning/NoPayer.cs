namespace EdgeCoder.Coordinator.Lightning;

/// <summary>No node that pays: sends are off, and nothing is known of those that an earlier one made.</summary>
internal sealed class NoPayer : ILightningPayer
{
    /// <inheritdoc/>
    public string Node => LightningSettings.None;

    /// <inheritdoc/>
    public Task<PayAnswer> PayAsync(PaymentOrder order, CancellationToken cancellationToken) => Task.FromResult<PayAnswer>(new PayAnswer.Unknown("no provider"));

    /// <inheritdoc/>
    public Task<PaymentTrace> TrackAsync(string paymentHash, CancellationToken cancellationToken) => Task.FromResult<PaymentTrace>(new PaymentTrace.Unclear("no provider"));
}
