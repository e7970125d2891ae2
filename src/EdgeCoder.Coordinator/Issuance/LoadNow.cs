using EdgeCoder.Coordinator.Prices;

namespace EdgeCoder.Coordinator.Issuance;

/// <summary>Gives supply and demand of this moment; a price is made of the same.</summary>
internal delegate Task<PriceFigures> LoadNow(CancellationToken cancellationToken);
