using System.Globalization;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.Terminal;

namespace EdgeCoder.Acp;

/// <summary>What an editor is told of an event of a session. Paths are those of the person's project, where the change will be applied.</summary>
internal sealed class AcpUpdates(string root)
{
    private readonly Dictionary<string, string> _outputs = [];

    /// <summary>The updates of one event, in order; none for what an editor has no place for.</summary>
    /// <param name="sessionEvent">The event.</param>
    /// <param name="replay">Whether the session is shown again: then the person's words are updates too, and nothing is at work any more.</param>
    public IEnumerable<AcpUpdate> Of(SessionEvent sessionEvent, bool replay) => sessionEvent switch
    {
        PromptEvent prompt => replay ? [Message("user_message_chunk", prompt.Content)] : [],
        TextEvent text => [Message("agent_message_chunk", text.Content)],
        PlanEvent plan => [new("plan") { Entries = [.. plan.Steps.Select(step => new AcpPlanEntry(step.Description, "medium", Status(step.Status)))] }],
        ToolCallEvent call => [Call(call)],
        ShellOutputEvent output => Remember(output),
        TestReportEvent tests => [Message("agent_message_chunk", $"\nTests: {TestReportView.Line(tests.Report)}\n")],
        ToolResultEvent result => [Result(result)],
        DiffEvent { Id: not "review" } diff => [new("tool_call_update") { ToolCallId = diff.Id, Locations = [Location(diff.File, diff.Hunks.Count > 0 ? Math.Max(1, diff.Hunks[0].NewStart) : null)] }],
        EscalationEvent escalation => [Message("agent_message_chunk", $"\n{escalation.Message}\n")],
        ErrorEvent error => [Message("agent_message_chunk", $"\n{error.Message}{(error.Hint is null ? "" : "\n" + error.Hint)}\n")],
        DoneEvent { Execution.OutcomeMessage: { } message } => [Message("agent_message_chunk", $"\n{message}\n")],
        _ => [],
    };

    /// <summary>A place in the person's project.</summary>
    public AcpLocation Location(string file, int? line = null) => new(Path.Combine(root, file.Replace('/', Path.DirectorySeparatorChar))) { Line = line };

    /// <summary>Text of one side of the conversation.</summary>
    public static AcpUpdate Message(string kind, string text) => new(kind) { Content = new(AcpText.Of(text), null) };

    /// <summary>The protocol's kind of a tool.</summary>
    public static string KindOf(string tool) => tool switch
    {
        "read_file" or "list_directory" or "git_status" or "git_diff" or "git_log" or "git_show" or "git_blame" or "git_branches" => "read",
        "search_files" => "search",
        "edit_file" or "write_file" or "apply_patch" => "edit",
        "run_command" or "run_shell" or "run_tests" => "execute",
        "git_fetch" or "git_pull" or "git_push" => "fetch",
        _ => "other",
    };

    private AcpUpdate Call(ToolCallEvent call) => new("tool_call")
    {
        ToolCallId = call.Id,
        Title = call.Summary,
        Kind = KindOf(call.Tool),
        Status = call.RequiresApproval ? "pending" : "in_progress",
        RawInput = call.Args,
        Locations = call.Args.ValueKind == System.Text.Json.JsonValueKind.Object && call.Args.TryGetProperty("path", out var path) && path.ValueKind == System.Text.Json.JsonValueKind.String
            ? [Location(path.GetString()!)]
            : null,
    };

    private List<AcpUpdate> Remember(ShellOutputEvent output)
    {
        _outputs[output.Id] = string.Create(CultureInfo.InvariantCulture, $"{output.Stdout}{(output.Stderr.Length > 0 ? "\n" + output.Stderr : "")}\nexit {output.ExitCode}{(output.Limits is { } limit ? $", {limit} limit" : "")}");
        return [];
    }

    private AcpUpdate Result(ToolResultEvent result)
    {
        var shell = _outputs.Remove(result.Id, out var output) ? output : null;
        return new("tool_call_update")
        {
            ToolCallId = result.Id,
            Status = result.Error is null ? "completed" : "failed",
            Content = new(null, [AcpToolContent.Words(result.Error ?? shell ?? result.Result ?? "")]),
        };
    }

    private static string Status(PlanStepStatus status) => status switch
    {
        PlanStepStatus.Pending => "pending",
        PlanStepStatus.InProgress => "in_progress",
        // The protocol has no word for a step that was given up.
        PlanStepStatus.Completed or PlanStepStatus.Failed => "completed",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, null),
    };
}
