namespace EdgeCoder.Coordinator.Lightning;

/// <summary>No provider is named: purchases are off, and nothing is known of payments that an earlier one took.</summary>
internal sealed class NoLightning : ILightningProvider
{
    /// <inheritdoc/>
    public string Name => LightningSettings.None;

    /// <inheritdoc/>
    public Task<NodeInvoice> CreateAsync(InvoiceOrder order, CancellationToken cancellationToken) => throw InvoiceException.Failed(Name, 0);

    /// <inheritdoc/>
    public Task<PaymentFinding> LookUpAsync(string paymentHash, CancellationToken cancellationToken) =>
        Task.FromResult<PaymentFinding>(new PaymentFinding.Unclear("no provider"));

    /// <inheritdoc/>
    public Task<bool> CancelAsync(string paymentHash, string intentId, CancellationToken cancellationToken) => Task.FromResult(false);
}
