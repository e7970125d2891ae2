using EdgeCoder.Agent.Workspaces;
using Spectre.Console;

namespace EdgeCoder.Terminal;

/// <summary>What applying, undoing or redoing did.</summary>
internal static class OutcomeView
{
    private const int MostFiles = 20;

    /// <summary>Writes it.</summary>
    public static void Show(IAnsiConsole console, ApplyOutcome outcome)
    {
        console.MarkupLine($"{(outcome.Applied ? "[green]✓[/]" : "[yellow]![/]")} {Markup.Escape(SafeText.ForTerminal(outcome.Message))}");
        foreach (var file in outcome.Files.Take(MostFiles))
        {
            console.WriteLine("  " + SafeText.ForTerminal(file).ReplaceLineEndings("␊"));
        }

        if (outcome.Files.Count > MostFiles)
        {
            console.MarkupLineInterpolated($"  [dim]and {outcome.Files.Count - MostFiles} more[/]");
        }
    }
}
