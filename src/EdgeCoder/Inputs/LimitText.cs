using System.Globalization;
using EdgeCoder.Commands;

namespace EdgeCoder.Inputs;

/// <summary>Limits as people write them: <c>4s</c>, <c>250ms</c>, <c>256MiB</c>. Whether the executor allows the value is its own question.</summary>
internal static class LimitText
{
    /// <summary>Accepted units of a time; without one it is seconds.</summary>
    public const string TimeUnits = "ms, s, m";

    /// <summary>Accepted units of a size; without one it is bytes.</summary>
    public const string SizeUnits = "B, KiB, MiB, GiB";

    /// <summary>Reads a time. Null gives null. Throws <see cref="UsageException"/> when it is not one.</summary>
    public static TimeSpan? Time(string? text, string option) => text is null ? null : Read(text, option, TimeUnits, unit => unit switch
    {
        "ms" => TimeSpan.TicksPerMillisecond,
        "s" or "" => TimeSpan.TicksPerSecond,
        "m" => TimeSpan.TicksPerMinute,
        _ => null,
    }) is var ticks ? TimeSpan.FromTicks(ticks) : null;

    /// <summary>Reads a size, in bytes. Null gives null. Throws <see cref="UsageException"/> when it is not one.</summary>
    public static long? Size(string? text, string option) => text is null ? null : Read(text, option, SizeUnits, unit => unit switch
    {
        "b" or "" => 1,
        "kib" or "k" => 1 << 10,
        "mib" or "m" => 1 << 20,
        "gib" or "g" => 1 << 30,
        _ => null,
    });

    private static long Read(string text, string option, string units, Func<string, long?> factorOf)
    {
        var number = text.Trim().TrimEnd("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".ToCharArray());
        var factor = factorOf(text.Trim()[number.Length..].ToLowerInvariant());
        if (factor is null || !decimal.TryParse(number.Trim(), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
        {
            throw new UsageException("invalid_limit", $"{option} must be a number with a unit ({units}), not '{text}'.");
        }

        // What is beyond any limit stays beyond it.
        var most = long.MaxValue / factor.Value;
        return (long)(Math.Clamp(value, -most, most) * factor.Value);
    }
}
