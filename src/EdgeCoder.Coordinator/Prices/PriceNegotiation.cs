using EdgeCoder.Ledger.Prices;

namespace EdgeCoder.Coordinator.Prices;

/// <summary>Somebody whose quote counts.</summary>
/// <param name="CoordinatorId">Member of the quorum set.</param>
/// <param name="Score">Local reputation, 0 to 200; null for oneself.</param>
internal sealed record QuorumMember(string CoordinatorId, int? Score);

/// <summary>What a negotiation came to.</summary>
internal abstract record NegotiationVerdict
{
    private NegotiationVerdict()
    {
    }

    /// <summary>A price.</summary>
    /// <param name="Price">Sats.</param>
    /// <param name="IsJump">Outside half to twice the current price: an operator decides.</param>
    /// <param name="Quotes">Those that counted.</param>
    internal sealed record Agreed(long Price, bool IsJump, IReadOnlyList<PriceQuote> Quotes) : NegotiationVerdict;

    /// <summary>Too few quotes.</summary>
    internal sealed record QuorumMissing(int Quotes, int Needed) : NegotiationVerdict;
}

/// <summary>Agreeing on a price (economy-and-ledger 5). Pure: quotes whose signatures were checked, weights of this coordinator's own making, a moment.</summary>
internal static class PriceNegotiation
{
    /// <summary>Oldest quote that counts.</summary>
    public const long FreshMs = 300_000;

    private const int OwnWeight = 120;
    private const int MostPeerWeight = 500;

    /// <summary>
    /// 1. Quotes of members only, fresh and not from the future beyond the skew, one each; 2. a majority of the members; 3. the weighted median; 4. a jump waits.
    /// </summary>
    public static NegotiationVerdict Judge(IReadOnlyList<QuorumMember> members, IEnumerable<PriceQuote> quotes, long? currentPrice, long nowMs, long skewMs)
    {
        // 1
        var weights = members.ToDictionary(member => member.CoordinatorId, Weight, StringComparer.Ordinal);
        List<PriceQuote> counted =
        [
            .. quotes.Where(quote => weights.ContainsKey(quote.CoordinatorId) && quote.PricePerComputeUnitSats > 0 && nowMs - quote.CreatedAtMs <= FreshMs && quote.CreatedAtMs - nowMs <= skewMs)
                .GroupBy(quote => quote.CoordinatorId, StringComparer.Ordinal)
                .Select(own => own.MaxBy(quote => quote.CreatedAtMs)!)
                .OrderBy(quote => quote.CoordinatorId, StringComparer.Ordinal),
        ];

        // 2
        var needed = (members.Count / 2) + 1;
        if (counted.Count < needed)
        {
            return new NegotiationVerdict.QuorumMissing(counted.Count, needed);
        }

        // 3
        var price = WeightedMedian.Of(counted.Select(quote => (quote.PricePerComputeUnitSats, weights[quote.CoordinatorId])));

        // 4
        var jump = currentPrice is { } current && ((Int128)price * 2 < current || price > (Int128)current * 2);
        return new NegotiationVerdict.Agreed(price, jump, counted);
    }

    private static long Weight(QuorumMember member) => member.Score is { } score ? Math.Clamp(score, 1, MostPeerWeight) : OwnWeight;
}
