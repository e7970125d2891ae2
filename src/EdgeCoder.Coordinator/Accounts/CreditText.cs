using System.Globalization;
using System.Text.Json;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Ledger.Amounts;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>Credits at the edges (economy-and-ledger 1.2): read from their text as decimals, never through a floating-point number.</summary>
internal static class CreditText
{
    // Longer than the largest amount with three decimals, and too short to make anybody work.
    private const int MostCharacters = 32;

    /// <summary>
    /// An amount in millicredits. Throws <see cref="Refusal"/> 400: <c>validation_failed</c> for what is no number, <c>amount_precision</c> for more than three
    /// decimals or an exponent, <c>amount_out_of_range</c> for zero, less, or more than 2^53 − 1 millicredits.
    /// </summary>
    public static long Read(JsonElement? member, string name)
    {
        if (member is not { ValueKind: JsonValueKind.Number } number)
        {
            throw Refusal.Invalid([new(name, "a number of credits with at most three decimals")]);
        }

        var text = number.GetRawText();
        if (text.Length > MostCharacters)
        {
            throw text.Contains('.', StringComparison.Ordinal) ? Precision() : Range();
        }

        if (text.AsSpan().ContainsAny('e', 'E') || text.IndexOf('.', StringComparison.Ordinal) is > 0 and var point && text.Length - point - 1 > 3)
        {
            throw Precision();
        }

        return Millicredits.TryRead(decimal.Parse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture), out var amount, out var fault)
            ? amount.Value
            : throw (fault == "amount_precision" ? Precision() : Range());
    }

    /// <summary>Millicredits as credits, with exactly three decimals.</summary>
    public static decimal Of(long mc) => new Millicredits(mc).Credits;

    private static Refusal Precision() => new(400, "amount_precision", "Credits have at most three decimals, without an exponent.");

    private static Refusal Range() => new(400, "amount_out_of_range", $"An amount is more than 0 and at most {Of(Millicredits.Largest).ToString(CultureInfo.InvariantCulture)} credits.");
}
