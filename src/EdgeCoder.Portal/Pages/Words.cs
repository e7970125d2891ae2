using System.Globalization;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Portal.Pages;

/// <summary>Words and colours for states, and numbers for people.</summary>
internal static class Words
{
    /// <summary>Colour of a state.</summary>
    public static string Colour(TaskState state) => state switch
    {
        TaskState.Completed => "good",
        TaskState.Failed or TaskState.Cancelled => "bad",
        _ => "wait",
    };

    /// <summary>A state as people say it.</summary>
    public static string Of(TaskState state) => state == TaskState.Escalated ? "needs help" : state.ToString().ToLowerInvariant();

    /// <summary>A state of a part.</summary>
    public static string Of(SubtaskState state) => state switch { SubtaskState.Leased => "a node works on it", SubtaskState.Reported => "reported, to be checked", SubtaskState.Verifying => "run again here", _ => state.ToString().ToLowerInvariant() };

    /// <summary>Colour of a part.</summary>
    public static string Colour(SubtaskState state) => state switch { SubtaskState.Accepted => "good", SubtaskState.Rejected or SubtaskState.Cancelled => "bad", _ => "wait" };

    /// <summary>Colour of a purchase.</summary>
    public static string Purchase(string status) => status switch { "settled" or "settled_late" => "good", "created" => "wait", _ => "bad" };

    /// <summary>Credits with three decimals.</summary>
    public static string Credits(decimal credits) => credits.ToString("#,##0.000", CultureInfo.InvariantCulture);

    /// <summary>The first line of a text, cut.</summary>
    public static string Line(string? text, int most = 90)
    {
        var line = (text ?? "").Trim().Split('\n')[0].TrimEnd();
        return line.Length == 0 ? "(no text)" : line.Length <= most ? line : line[..(most - 1)] + "…";
    }
}
