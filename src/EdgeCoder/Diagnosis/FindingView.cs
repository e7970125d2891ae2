using EdgeCoder.Commands;
using EdgeCoder.Terminal;

namespace EdgeCoder.Diagnosis;

/// <summary>A finding as a person sees it: a mark, what was looked at, what was found, and what to do.</summary>
internal static class FindingView
{
    /// <summary>Shows one.</summary>
    public static void Show(Surroundings surroundings, Finding finding)
    {
        var (mark, colour) = finding.State switch
        {
            FindingState.Ok => ("ok     ", "green"),
            FindingState.Warning => ("warning", "yellow"),
            FindingState.Fault => ("fault  ", "red"),
            _ => throw new ArgumentOutOfRangeException(nameof(finding), finding.State, null),
        };
        surroundings.Console.Write(new Spectre.Console.Markup($"[{colour}]{mark}[/] "));
        surroundings.Console.Write(new Spectre.Console.Text($"{finding.Name,-12} {SafeText.ForTerminal(finding.Detail)}\n"));
        if (finding.Remedy is { } remedy)
        {
            surroundings.Console.Write(new Spectre.Console.Text($"        {"",-12} → {SafeText.ForTerminal(remedy)}\n"));
        }
    }
}
