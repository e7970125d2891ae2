using System.Globalization;

namespace EdgeCoder.Ledger.Amounts;

/// <summary>An amount of credits, in thousandths of a credit (economy-and-ledger 1.2). Never a floating-point number.</summary>
/// <param name="Value">Millicredits.</param>
public readonly record struct Millicredits(long Value) : IComparable<Millicredits>
{
    /// <summary>Largest single amount, 2^53 − 1: what JSON numbers carry exactly.</summary>
    public const long Largest = (1L << 53) - 1;

    /// <summary>Nothing.</summary>
    public static Millicredits Zero => default;

    /// <summary>As credits with exactly three decimals.</summary>
    public decimal Credits => new decimal(Value) / 1000m + 0.000m;

    /// <summary>
    /// Reads credits as a caller gave them. False with <c>amount_precision</c> for more than three decimals, <c>amount_out_of_range</c> for zero, a
    /// negative amount or more than <see cref="Largest"/>.
    /// </summary>
    public static bool TryRead(decimal credits, out Millicredits amount, out string? fault)
    {
        amount = default;
        if (credits is <= 0 or > Largest / 1000m)
        {
            fault = "amount_out_of_range";
            return false;
        }

        var mc = credits * 1000m;
        if (mc != decimal.Truncate(mc))
        {
            fault = "amount_precision";
            return false;
        }

        amount = new((long)mc);
        fault = null;
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(Millicredits other) => Value.CompareTo(other.Value);

    /// <summary>Sum; throws on overflow.</summary>
    public static Millicredits operator +(Millicredits a, Millicredits b) => new(checked(a.Value + b.Value));

    /// <summary>Difference; throws on overflow.</summary>
    public static Millicredits operator -(Millicredits a, Millicredits b) => new(checked(a.Value - b.Value));

    /// <summary>Order.</summary>
    public static bool operator <(Millicredits a, Millicredits b) => a.Value < b.Value;

    /// <summary>Order.</summary>
    public static bool operator >(Millicredits a, Millicredits b) => a.Value > b.Value;

    /// <summary>Order.</summary>
    public static bool operator <=(Millicredits a, Millicredits b) => a.Value <= b.Value;

    /// <summary>Order.</summary>
    public static bool operator >=(Millicredits a, Millicredits b) => a.Value >= b.Value;

    /// <summary>Credits with three decimals.</summary>
    public override string ToString() => Credits.ToString("0.000", CultureInfo.InvariantCulture);
}
