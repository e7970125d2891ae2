using System.Text;
using System.Text.Json;
using EdgeCoder.Agent.Files;
using EdgeCoder.Executor;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.IdeProvider.Mcp;

/// <summary><c>run_task</c>: the agent loop on this machine, to its end.</summary>
internal sealed class RunTaskTool(McpParts parts) : McpTool
{
    private const int UsualSeconds = 600;
    private const int LongestPatch = 64 << 10;

    private static readonly JsonElement Shape = JsonElement.Parse(
        """
        {"type":"object","additionalProperties":false,"required":["task"],"properties":{
        "task":{"type":"string","minLength":1,"maxLength":262144,"description":"What is wanted, in plain words."},
        "root":{"type":"string","minLength":1,"description":"Absolute path of a trusted project that is to be changed; the change is made in a worktree and waits for a person's edgecoder apply. Without it a program of its own is written."},
        "language":{"type":"string","enum":["python","javascript"],"description":"Language of a program of its own. Default python."},
        "tests":{"type":"string","minLength":1,"maxLength":1048576,"description":"Tests of a program of its own. They decide and are never changed. Without them the model writes tests first."},
        "approve_tests":{"type":"boolean","description":"Whether a person has agreed that the project's own test command runs, in the sandbox. Default false: then a command that nobody has approved yet is refused."},
        "model":{"type":"string","minLength":1,"description":"Exact id from list_models. Default: the settings choose."},
        "max_steps":{"type":"integer","minimum":1,"maximum":1000,"description":"Most model calls, 1 to 1000. Default 20."},
        "max_seconds":{"type":"integer","minimum":1,"maximum":86400,"description":"Most wall time in seconds, 1 to 86400. Default 600."}}}
        """);

    /// <inheritdoc/>
    public override string Name => "run_task";

    /// <inheritdoc/>
    public override string Description =>
        "Works on a programming task on this machine with a local model: plan, tests, code, run in the sandbox, feedback. Nothing of it leaves the machine. Returns the outcome (succeeded only when tests passed), code or patch, the test report, where it ran, and a sessionId whose diff is a resource. Reports progress; can be cancelled.";

    /// <inheritdoc/>
    public override JsonElement Schema => Shape;

    /// <inheritdoc/>
    public override bool ReadOnly => false;

    /// <inheritdoc/>
    public override async Task<McpAnswer> RunAsync(McpCall call, CancellationToken cancellationToken)
    {
        var run = Read(call);
        DoneEvent? done = null;
        ErrorEvent? error = null;
        await foreach (var one in parts.Run(run, cancellationToken).WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (Words(one) is { } words)
            {
                await call.Progress(words).ConfigureAwait(false);
            }

            (done, error) = (one as DoneEvent ?? done, one as ErrorEvent ?? error);
        }

        var execution = (done ?? throw new McpFault("session_cut_off", "The session ended without its last event.", "Look at it: edgecoder sessions list")).Execution;
        call.Caller.Spent(execution.Usage.PromptTokens + execution.Usage.CompletionTokens);
        if (execution.Outcome == SessionOutcome.Cancelled)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }

        // Nothing was written or tried: the caller gets what to do, not an empty result.
        if (error is not null && execution is { GeneratedCode: null, Patch: null } && execution.Outcome == SessionOutcome.Failed)
        {
            throw new McpFault(error.Code, error.Message, error.Hint);
        }

        return Answer(execution);
    }

    private static McpAnswer Answer(AgentExecution execution)
    {
        // The history is in the session; a client's window is not the place for it.
        var told = execution with { History = [] };
        var isLong = told.Patch is { } patch && Encoding.UTF8.GetByteCount(patch) > LongestPatch;
        var value = JsonSerializer.SerializeToElement(isLong ? told with { Patch = null } : told, ProtocolJson.Default.AgentExecution);
        return new(isLong ? $"{value.GetRawText()}\nThe patch is longer than {LongestPatch / 1024} KiB: read the resource {SessionResources.DiffOf(execution.SessionId)}." : value.GetRawText(), value);
    }

    private static McpRun Read(McpCall call)
    {
        var given = call.Arguments;
        var (root, model, tests) = (given.TextOrNull("root"), given.TextOrNull("model"), given.TextOrNull("tests"));
        if (root is not null && (tests is not null || given.TextOrNull("language") is not null))
        {
            throw new McpFault("invalid_arguments", "tests and language are for a program of its own; a project brings its own tests.", "Leave out root, or tests and language.");
        }

        if (root is not null && !Path.IsPathFullyQualified(root))
        {
            throw new McpFault("root_not_absolute", $"{root} is not an absolute path.", "Give the full path of the project's directory.");
        }

        if (model is null ? !call.Caller.AllowsAnyModel : !call.Caller.Allows(model))
        {
            throw new McpFault("model_denied", $"The key does not allow {(model is null ? "leaving the choice of the model to the settings" : model)}.", "Name a model of list_models, or use another key.");
        }

        return new McpRun
        {
            Task = given.Text("task"),
            Root = root,
            Language = given.TextOrNull("language") == "javascript" ? SnippetLanguage.JavaScript : SnippetLanguage.Python,
            Tests = tests,
            Model = model,
            ApproveTests = given.Flag("approve_tests"),
            MaxSteps = given.Number("max_steps", 20, 1, 1_000),
            MaxTime = TimeSpan.FromSeconds(given.Number("max_seconds", UsualSeconds, 1, 86_400)),
        };
    }

    private static string? Words(SessionEvent one) => one switch
    {
        StatusEvent status => status.Message,
        ToolCallEvent call => call.Summary,
        TestReportEvent report => $"{report.Report.Passed} of {report.Report.Total} tests passed",
        _ => null,
    };
}
