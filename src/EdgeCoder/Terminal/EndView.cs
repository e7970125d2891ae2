using System.Globalization;
using EdgeCoder.Protocol.Sessions;
using Spectre.Console;

namespace EdgeCoder.Terminal;

/// <summary>The end of a session: verdict, model, place, cost.</summary>
internal static class EndView
{
    private static readonly Style Dim = new(decoration: Decoration.Dim);

    /// <summary>Writes it; lines that are wider than <paramref name="width"/> go on below their text.</summary>
    public static void Show(IAnsiConsole console, AgentExecution execution, string summary, int width = int.MaxValue)
    {
        var verdict = execution.Outcome switch
        {
            SessionOutcome.Succeeded => "[green]Succeeded[/]",
            SessionOutcome.Unverified => "[yellow]Not verified[/]",
            SessionOutcome.Failed => "[red]Failed[/]",
            SessionOutcome.Escalated => "[yellow]Handed on[/]",
            SessionOutcome.Cancelled => "[yellow]Cancelled[/]",
            SessionOutcome.BudgetExhausted => "[yellow]Out of budget[/]",
            _ => throw new ArgumentOutOfRangeException(nameof(execution), execution.Outcome, null),
        };
        // The verdict's own words are no wider than the widest of them.
        var safe = SafeText.ForTerminal(summary).Split('\n').SelectMany(line => TextColumns.Wrap(line, width == int.MaxValue ? width : width - Markup.Remove(verdict).Length - 1)).ToArray();
        console.MarkupLine(summary.Length == 0 ? verdict : $"{verdict} {Markup.Escape(string.Join('\n', safe))}");
        if (execution.Model is { } model)
        {
            Line($"Model   {SafeText.ForTerminal(model.Id)} ({model.Provider}, {Short(model.Digest)})");
        }

        Line($"Ran on  {Place(execution)}");
        Line($"Took    {Cost(execution.Usage)}");
        Line($"Session {execution.SessionId}");

        void Line(string text)
        {
            foreach (var part in TextColumns.WrapHanging(text.ReplaceLineEndings(" "), width, 8))
            {
                console.Write(new Text(part + "\n", Dim));
            }
        }
    }

    private static string Place(AgentExecution execution)
    {
        var place = execution.RanOn.Kind switch { "this-machine" => "this machine", "agent" => "agent " + execution.RanOn.NodeId, var other => other };
        var sandbox = execution.RanOn.SandboxBackend is { } backend ? $", sandbox: {backend}" : "";
        var egress = execution.Egress.Count == 0 ? "; nothing left it" : $"; sent: {string.Join(", ", execution.Egress)}";
        return SafeText.ForTerminal(place + sandbox + egress);
    }

    private static string Cost(SessionUsage usage)
    {
        var tools = usage.ToolCalls > 0 ? string.Create(CultureInfo.InvariantCulture, $", {usage.ToolCalls} tool calls") : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{usage.WallMs / 1000.0:0.00} s (EdgeCoder itself {usage.OwnMs} ms), {usage.ModelCalls} model calls{tools}, {usage.PromptTokens} + {usage.CompletionTokens} tokens");
    }

    private static string Short(string digest) => digest.StartsWith("sha256:", StringComparison.Ordinal) && digest.Length > 19 ? digest[..19] : digest;
}
