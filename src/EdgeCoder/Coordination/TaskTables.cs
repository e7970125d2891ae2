using System.Globalization;
using System.Text.Json;
using EdgeCoder.Commands;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Coordination;

/// <summary>Tasks as a person reads them in a terminal.</summary>
internal static class TaskTables
{
    /// <summary>A list, newest first.</summary>
    public static void Many(Surroundings surroundings, IReadOnlyList<TaskView> tasks)
    {
        if (tasks.Count == 0)
        {
            surroundings.Console.WriteLine("No task yet. Queue one: edgecoder submit \"write a function that merges two dictionaries\"");
            return;
        }

        var table = new Table().Border(TableBorder.None).AddColumns("Task", "Submitted", "State", "Reason", "Credits");
        foreach (var task in tasks)
        {
            table.AddRow(new Text(SafeText.ForTerminal(task.TaskId)), new Text(Time(task.CreatedAtMs)), new Text(Name(task.State)), new Text(SafeText.ForTerminal(task.WaitingFor ?? task.StateReason ?? "")), new Text(Credits(task.Credits)));
        }

        surroundings.Console.Write(table);
    }

    /// <summary>One task with its subtasks.</summary>
    public static void One(Surroundings surroundings, TaskView task)
    {
        surroundings.Tell($"Task {task.TaskId}: {Name(task.State)}{Because(task.StateReason ?? task.WaitingFor)}");
        surroundings.Tell($"Submitted {Time(task.CreatedAtMs)} for {task.SubmitterAccountId}, class {Name(task.DataClass)}, priority {task.Priority}. Credits: {Credits(task.Credits)}.");
        if (task.Labels.Count > 0)
        {
            surroundings.Tell("Labels: " + string.Join(", ", task.Labels));
        }

        if (task.Subtasks is { Count: > 0 } subtasks)
        {
            var table = new Table().Border(TableBorder.None).AddColumns("#", "Kind", "State", "Attempts", "Last verdict");
            foreach (var subtask in subtasks)
            {
                table.AddRow(
                    new Text((subtask.Index + 1).ToString(CultureInfo.InvariantCulture)),
                    new Text(Name(subtask.Kind)),
                    new Text(Name(subtask.State)),
                    new Text(string.Create(CultureInfo.InvariantCulture, $"{subtask.Attempts} of {subtask.MaxAttempts}")),
                    new Text(subtask.LastVerdict is { } verdict ? $"{Name(verdict.Verdict)} ({verdict.ReasonCode})" : ""));
            }

            surroundings.Console.Write(table);
        }

        surroundings.Tell(task.State switch
        {
            TaskState.Completed => $"Fetch the code: edgecoder result {task.TaskId}",
            TaskState.Failed or TaskState.Cancelled => $"Why: edgecoder explain {task.TaskId}",
            _ => $"Why it waits: edgecoder explain {task.TaskId}",
        });
    }

    /// <summary>Why a task is where it is.</summary>
    public static void Explain(Surroundings surroundings, TaskExplanation task)
    {
        // The coordinator's sentence is about the node that comes nearest.
        var excluded = task.Subtasks.Any(subtask => subtask.Eligible == 0 && subtask.Excluded.Any(rule => task.Message.StartsWith(rule.Message, StringComparison.Ordinal)));
        surroundings.Tell($"{Name(task.State)}: {(excluded ? "No node can take it now. Of the one that comes nearest: " : "")}{Command(task.Message)}");
        foreach (var (index, subtask) in task.Subtasks.Index())
        {
            // What is said already is not said again: a task with one subtask explains itself by it.
            var state = Name(subtask.State);
            var reason = subtask.Reason == state ? "" : $" ({subtask.Reason})";
            var message = subtask.Message == task.Message || reason.Length == 0 ? "." : ": " + Command(subtask.Message);
            surroundings.Tell($"  Subtask {(index + 1).ToString(CultureInfo.InvariantCulture)} is {state}{reason}{message}");
            foreach (var rule in subtask.Excluded)
            {
                surroundings.Tell(string.Create(CultureInfo.InvariantCulture, $"    {rule.Count} {(rule.Count == 1 ? "node" : "nodes")}, {rule.Rule}: {rule.Message}"));
            }
        }

        string Command(string message) => RouteText.AsCommands(message, task.TaskId);
    }

    /// <summary>Why a node gets work or none.</summary>
    public static void Explain(Surroundings surroundings, AgentExplanation agent)
    {
        surroundings.Tell($"{agent.AgentId}: {agent.Status}, {(agent.CanLease ? $"{agent.FreeSlots} free" : "gets no work")}. {agent.Message}");
        foreach (var group in agent.Subtasks.GroupBy(subtask => subtask.Rule, StringComparer.Ordinal))
        {
            surroundings.Tell(string.Create(CultureInfo.InvariantCulture, $"  {group.Count()} waiting excluded by {group.Key}"));
        }
    }

    private static string Because(string? reason) => reason is null ? "." : $" ({reason}).";

    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static string Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Credits(TaskCredits credits) => credits.Reserved > 0
        ? string.Create(CultureInfo.InvariantCulture, $"{credits.Posted:0.000} spent, {credits.Reserved:0.000} held")
        : string.Create(CultureInfo.InvariantCulture, $"{credits.Posted:0.000} spent");
}
