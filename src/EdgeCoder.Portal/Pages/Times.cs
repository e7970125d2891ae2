using System.Globalization;

namespace EdgeCoder.Portal.Pages;

/// <summary>Times for people. The server does not know where a person is, so exact ones are in UTC and say so.</summary>
internal static class Times
{
    /// <summary>As <c>3 hours ago</c>.</summary>
    public static string Ago(long thenMs, long nowMs) => ((nowMs - thenMs) / 60_000) switch
    {
        < 2 => "just now",
        < 120 and var minutes => string.Create(CultureInfo.InvariantCulture, $"{minutes} minutes ago"),
        < 2 * 1440 and var minutes => string.Create(CultureInfo.InvariantCulture, $"{minutes / 60} hours ago"),
        var minutes => string.Create(CultureInfo.InvariantCulture, $"{minutes / 1440} days ago"),
    };

    /// <summary>As <c>2026-11-23 20:15 UTC</c>.</summary>
    public static string Exact(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>For <c>datetime</c> attributes.</summary>
    public static string Machine(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
