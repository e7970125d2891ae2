using System.Globalization;
using System.Text.Json;
using EdgeCoder.Commands;
using EdgeCoder.Inputs;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Escalations;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Terminal;

namespace EdgeCoder.Coordination;

/// <summary>Follows tasks to their end and shows what came back.</summary>
internal static class TaskFollowing
{
    /// <summary>Shows each event as it comes, then the result. The exit code is that of the worst task.</summary>
    public static async Task<ExitCode> ToTheEndAsync(Surroundings surroundings, CoordinatorApi api, IReadOnlyList<TaskAccepted> tasks, bool json, OutputFile? place, string? placeName, CancellationToken cancellationToken)
    {
        var worst = ExitCode.Success;
        foreach (var task in tasks)
        {
            using (var progress = surroundings.Progress(json))
            {
                await foreach (var happened in api.FollowAsync(task.TaskId, cancellationToken))
                {
                    if (json)
                    {
                        await surroundings.Output.WriteLineAsync(JsonSerializer.Serialize(happened, MeshJson.Default.TaskEvent));
                    }
                    else if (TaskEventText.Of(happened) is { } line)
                    {
                        progress.Clear();
                        surroundings.Error.WriteLine("  " + SafeText.ForTerminal(line));
                    }

                    // It goes on when somebody answers, which may be never: whoever waits here is told.
                    if (TaskEventText.WaitsForPerson(happened) && await WaitsForPersonAsync(api, task.TaskId, cancellationToken))
                    {
                        break;
                    }
                }
            }

            var end = await ShowAsync(surroundings, api, task.TaskId, json, place, placeName, cancellationToken);
            worst = end == ExitCode.Success ? worst : end;
        }

        return worst;
    }

    /// <summary>Fetches the result and shows it: the code on standard output or in a file, what was proven on standard error.</summary>
    public static async Task<ExitCode> ShowAsync(Surroundings surroundings, CoordinatorApi api, string taskId, bool json, OutputFile? place, string? placeName, CancellationToken cancellationToken)
    {
        var result = await api.GetAsync($"tasks/{Uri.EscapeDataString(taskId)}/result", MeshJson.Default.TaskResult, cancellationToken);
        var exit = Exit(result);
        if (json)
        {
            await surroundings.Output.WriteLineAsync(JsonSerializer.Serialize(result, MeshJson.Default.TaskResult));
        }

        if (exit != ExitCode.Success)
        {
            if (!json)
            {
                surroundings.Error.WriteLine(SafeText.ForTerminal(Ending(result)));
            }

            return exit;
        }

        if (result.PatchDigest is { } patch)
        {
            var bytes = await api.GetBlobAsync(patch, cancellationToken);
            if (place is not null)
            {
                place.Write(bytes);
            }
            else if (!json)
            {
                await surroundings.WriteWholeAsync(bytes, cancellationToken);
            }

            if (!json)
            {
                surroundings.Error.WriteLine(SafeText.ForTerminal(Proof(result) + (placeName is not null ? $" Written to {placeName}; apply it with: git apply {placeName}"
                    : surroundings.Terminals.Output ? $" Apply it: edgecoder result {taskId} | git apply" : "") + $" Its receipt: edgecoder receipt {taskId}"));
            }

            return exit;
        }

        var code = string.Join("\n\n", result.Outputs?.OrderBy(output => output.Index).Select(output => output.Output.TrimEnd('\n')) ?? []) + "\n";
        if (place is not null)
        {
            place.Write(code);
        }
        else if (!json)
        {
            await surroundings.WriteWholeAsync(System.Text.Encoding.UTF8.GetBytes(code), cancellationToken);
        }

        if (!json)
        {
            surroundings.Error.WriteLine(Proof(result) + (placeName is null ? "" : $" Written to {SafeText.ForTerminal(placeName)}.") + SafeText.ForTerminal($" Its receipt: edgecoder receipt {taskId}"));
        }

        return exit;
    }

    /// <summary>What a task's end means to the caller of a command.</summary>
    public static ExitCode Exit(TaskResult result) => result.State switch
    {
        TaskState.Completed => ExitCode.Success,
        TaskState.Cancelled => ExitCode.Failed,
        TaskState.Failed => ExitCode.Failed,
        _ => ExitCode.Escalated,
    };

    private static string Proof(TaskResult result)
    {
        var credits = result.CreditsSpent is { } spent ? string.Create(CultureInfo.InvariantCulture, $" {spent:0.000} credits.") : "";
        if (result.Labels?.Contains("unverified") == true)
        {
            return "Not verified: no tests were given, so nobody could run it again." + credits;
        }

        return result.TestReport is { } tests
            ? string.Create(CultureInfo.InvariantCulture, $"Verified here: {tests.Passed} of {tests.Run} tests passed when the result was run again.{credits}")
            : "Verified here." + credits;
    }

    private static string Ending(TaskResult result) => result.State switch
    {
        TaskState.Failed => $"The task failed: {result.StateReason ?? "no reason was told"}. Why: edgecoder explain {result.TaskId}",
        TaskState.Cancelled => "The task was cancelled.",
        TaskState.Escalated => $"No node could do it; it waits for a person: edgecoder escalations show {result.TaskId}",
        _ => $"The task is {JsonNamingPolicy.SnakeCaseLower.ConvertName(result.State.ToString())}. Why it waits: edgecoder explain {result.TaskId}",
    };

    // An event may be old: a person may have answered since.
    private static async Task<bool> WaitsForPersonAsync(CoordinatorApi api, string taskId, CancellationToken cancellationToken) =>
        (await api.GetAsync($"escalate/{Uri.EscapeDataString(taskId)}", InferenceJson.Default.EscalationDetail, cancellationToken)).Status == EscalationStatus.PendingHuman;
}
