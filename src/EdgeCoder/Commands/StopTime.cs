using System.Globalization;

namespace EdgeCoder.Commands;

/// <summary>How long a command that was interrupted may take to end in order, before the process is ended.</summary>
internal static class StopTime
{
    /// <summary>Names another time, in whole seconds from 1 to 600: for machines on which the usual one is too short to keep what was done.</summary>
    public const string Variable = "EDGECODER_STOP_SECONDS";

    private const int Longest = 600;
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(2);

    /// <summary>The time. Throws <see cref="UsageException"/> for a value that is none.</summary>
    public static TimeSpan Of(Func<string, string?> environment) => environment(Variable) switch
    {
        null or "" => Usual,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 1 and <= Longest => TimeSpan.FromSeconds(seconds),
        _ => throw new UsageException("invalid_setting", $"{Variable} must be a whole number of seconds from 1 to {Longest}."),
    };
}
