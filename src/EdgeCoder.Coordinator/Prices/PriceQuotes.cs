using EdgeCoder.Coordinator.Payments;
using EdgeCoder.Coordinator.Status;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Ledger.Prices;
using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Prices;

/// <summary>Supply and demand.</summary>
/// <param name="CpuCapacity">Subtasks that active agents take at once.</param>
/// <param name="GpuCapacity">The same of graphics processors.</param>
/// <param name="Queued">Subtasks that wait.</param>
/// <param name="Active">Active agents.</param>
internal sealed record PriceFigures(long CpuCapacity, long GpuCapacity, long Queued, long Active)
{
    /// <summary>Capacity of a class.</summary>
    public long Capacity(ResourceClass resourceClass) => resourceClass == ResourceClass.Gpu ? GpuCapacity : CpuCapacity;

    /// <summary>Price of a class by these figures.</summary>
    public long Price(ResourceClass resourceClass) => UnitPrice.Of(resourceClass, Capacity(resourceClass), Queued, Active);
}

/// <summary>Quotes of this coordinator: signed ones are of its own figures only, and what a caller supposes is answered unsigned (economy-and-ledger 5).</summary>
internal sealed class PriceQuotes(CoordinatorFigures figures, CoordinatorIdentity identity, PaymentClock time)
{
    /// <summary>The figures of now. Agents of this program report no graphics processors, so there is no capacity of them.</summary>
    public async Task<PriceFigures> FiguresAsync(CancellationToken cancellationToken)
    {
        var (queued, active, capacity) = await figures.DemandAsync(cancellationToken).ConfigureAwait(false);
        return new(capacity, 0, queued, active);
    }

    /// <summary>A signed quote of own figures: as it reads, and its exact bytes.</summary>
    public (PriceQuote Quote, byte[] Signed) Sign(ResourceClass resourceClass, PriceFigures own)
    {
        var signed = SignedDocument.Sign(DocumentContexts.PriceQuote, Unsigned(resourceClass, own), PriceDocumentJson.Default.PriceQuote, identity.Key);
        return (SignedDocument.Read(signed, PriceDocumentJson.Default.PriceQuote)!, signed);
    }

    /// <summary>What a quote would be; unsigned.</summary>
    public PriceQuote Unsigned(ResourceClass resourceClass, PriceFigures supposed) => new()
    {
        V = 1,
        CoordinatorId = identity.PeerId,
        ResourceClass = resourceClass,
        PricePerComputeUnitSats = supposed.Price(resourceClass),
        SupplyIndex = supposed.Capacity(resourceClass),
        DemandIndex = supposed.Queued + supposed.Active,
        CreatedAtMs = time.NowMs,
    };

    /// <summary>Reads received bytes as the quote of a coordinator; null unless they are canonical, signed by one of these keys and of that coordinator.</summary>
    public static PriceQuote? Read(byte[] signed, string coordinatorId, params IReadOnlyList<VerifyingKey> keys) =>
        keys.Any(key => SignedDocument.Verify(DocumentContexts.PriceQuote, signed, key) is null)
        && SignedDocument.Read(signed, PriceDocumentJson.Default.PriceQuote) is { } quote
        && quote.CoordinatorId == coordinatorId
            ? quote
            : null;
}
