using EdgeCoder.Ledger.Amounts;
using EdgeCoder.Ledger.Prices;

namespace EdgeCoder.Ledger.Payments;

/// <summary>What a purchase of credits comes to (economy-and-ledger 6.1).</summary>
/// <param name="AmountSats">What is paid.</param>
/// <param name="FeeSats">The coordinator's fee of it.</param>
/// <param name="NetSats">What is left.</param>
/// <param name="Credits">What it buys.</param>
public sealed record PurchaseQuote(long AmountSats, long FeeSats, long NetSats, Millicredits Credits)
{
    /// <summary>Most sats of one purchase: one bitcoin.</summary>
    public const long MostSats = 100_000_000;

    /// <summary>
    /// Quotes an amount of 1 to <see cref="MostSats"/> sats at a fee of 0 to 10,000 basis points: fee = floor(amount × bps / 10000). Null,
    /// <c>amount_too_small</c>, where it would buy nothing.
    /// </summary>
    public static PurchaseQuote? Of(long amountSats, int feeBps, long satsPerCredit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(amountSats, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(amountSats, MostSats);
        ArgumentOutOfRangeException.ThrowIfNegative(feeBps);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(feeBps, 10_000);
        var fee = amountSats * feeBps / 10_000;
        var credits = UnitPrice.CreditsFor(amountSats - fee, satsPerCredit);
        return credits == Millicredits.Zero ? null : new(amountSats, fee, amountSats - fee, credits);
    }
}
