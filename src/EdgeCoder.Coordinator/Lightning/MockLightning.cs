using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EdgeCoder.Coordinator.Lightning;

/// <summary>
/// A provider for tests (economy-and-ledger 6.3): invoices <c>mockln:&lt;uuid&gt;:&lt;sats&gt;</c> that nobody can pay and that are paid when a test says so. The settings
/// refuse it in production.
/// </summary>
internal sealed class MockLightning : ILightningProvider
{
    private readonly ConcurrentDictionary<string, long> _paid = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public string Name => LightningSettings.Mock;

    /// <summary>Says that a payment came in.</summary>
    public void Pay(string paymentHash, long receivedMsat) => _paid[paymentHash] = receivedMsat;

    /// <inheritdoc/>
    public Task<NodeInvoice> CreateAsync(InvoiceOrder order, CancellationToken cancellationToken)
    {
        var request = string.Create(CultureInfo.InvariantCulture, $"mockln:{Guid.NewGuid()}:{order.AmountSats}");
        return Task.FromResult(new NodeInvoice(request, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request)))));
    }

    /// <inheritdoc/>
    public Task<PaymentFinding> LookUpAsync(string paymentHash, CancellationToken cancellationToken) =>
        Task.FromResult<PaymentFinding>(_paid.TryGetValue(paymentHash, out var received) ? new PaymentFinding.Paid(received) : new PaymentFinding.Unpaid());

    /// <inheritdoc/>
    public Task<bool> CancelAsync(string paymentHash, string intentId, CancellationToken cancellationToken) => Task.FromResult(false);
}
