using System.Globalization;
using EdgeCoder.Protocol.Sessions;
using Spectre.Console;

namespace EdgeCoder.Terminal;

/// <summary>The end of a session: verdict, model, place, cost.</summary>
internal static class EndView
{
    /// <summary>Writes it.</summary>
    public static void Show(IAnsiConsole console, AgentExecution execution, string summary)
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
        var safe = SafeText.ForTerminal(summary);
        console.MarkupLine(safe.Length == 0 ? verdict : $"{verdict} {Markup.Escape(safe)}");
        if (execution.Model is { } model)
        {
            console.MarkupLineInterpolated($"[dim]Model   {SafeText.ForTerminal(model.Id)} ({model.Provider}, {Short(model.Digest)})[/]");
        }

        console.MarkupLineInterpolated($"[dim]Ran on  {Place(execution)}[/]");
        console.MarkupLineInterpolated($"[dim]Took    {Cost(execution.Usage)}[/]");
        console.MarkupLineInterpolated($"[dim]Session {execution.SessionId}[/]");
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
