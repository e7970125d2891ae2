using System.Globalization;
using System.Text.Json;
using EdgeCoder.Commands;
using EdgeCoder.Protocol.Escalations;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Coordination;

/// <summary>Escalations as a person reads them in a terminal.</summary>
internal static class EscalationTables
{
    private const int MostTaskCharacters = 60;

    /// <summary>A list, newest first.</summary>
    public static void Many(Surroundings surroundings, IReadOnlyList<EscalationDetail> escalations, bool all)
    {
        if (escalations.Count == 0)
        {
            surroundings.Tell(all ? "Nothing was escalated." : "Nothing waits for you. See the others with --all.");
            return;
        }

        var table = new Table().Border(TableBorder.None).AddColumns("Task", "Since", "State", "What was asked");
        foreach (var escalation in escalations)
        {
            table.AddRow(new Text(SafeText.ForTerminal(escalation.TaskId ?? "")), new Text(Time(escalation.UpdatedAtMs)), new Text(Name(escalation.Status)), new Text(Short(escalation.Task)));
        }

        surroundings.Console.Write(table);
    }

    /// <summary>One, with what was tried and how to answer.</summary>
    public static void One(Surroundings surroundings, EscalationDetail escalation)
    {
        surroundings.Tell($"Escalation of task {escalation.TaskId}: {Name(escalation.Status)}{(escalation.Verification is { } verification ? $", candidate {verification}" : "")}");
        Part(surroundings, "Asked for", escalation.Task);
        Part(surroundings, "Last code", escalation.FailedCode);
        Part(surroundings, "What went wrong", escalation.ErrorHistory is { Count: > 0 } errors ? string.Join('\n', errors.Select(error => "- " + error)) : null);
        Part(surroundings, "What was tried", escalation.AutomatedAttempts is { Count: > 0 } attempts
            ? string.Join('\n', attempts.Select(attempt => $"- {Name<EscalationStep>(attempt.Step)}: {attempt.Outcome.Replace('_', ' ')}. {attempt.Reason}"))
            : null);
        Part(surroundings, "Candidate", escalation.ImprovedCode);
        if (escalation.Status == EscalationStatus.PendingHuman)
        {
            surroundings.Tell("");
            surroundings.Tell($"Answer it: edgecoder escalations respond {escalation.TaskId} --context \"…\"   or --code FILE, or --abandon");
        }
    }

    private static void Part(Surroundings surroundings, string title, string? text)
    {
        if (!string.IsNullOrWhiteSpace(text))
        {
            surroundings.Tell("");
            surroundings.Tell(title + ":");
            surroundings.Tell(text.TrimEnd());
        }
    }

    private static string Short(string? text)
    {
        var line = SafeText.ForTerminal((text ?? "").ReplaceLineEndings(" ").Replace('\n', ' ').Trim());
        return line.Length <= MostTaskCharacters ? line : line[..MostTaskCharacters] + "…";
    }

    private static string Time(long? ms) => ms is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value).ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) : "";

    private static string Name<T>(T? value)
        where T : struct, Enum => value is null ? "" : JsonNamingPolicy.SnakeCaseLower.ConvertName(value.Value.ToString()).Replace('_', ' ');
}
