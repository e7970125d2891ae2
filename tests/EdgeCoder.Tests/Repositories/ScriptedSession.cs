using System.Runtime.CompilerServices;
using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Tests.Repositories;

/// <summary>A session whose prompts are answered with events that the test gives; some ask somebody first, some wait.</summary>
internal sealed class ScriptedSession(RepositoryTask task, IApprover approver, ScriptedReview review, Queue<ScriptedPrompt> script) : IRepositorySession
{
    private long _seq;

    public string Id { get; init; } = "11111111-2222-3333-4444-555555555555";

    public string Root => task.Root;

    public IReadOnlyList<SessionEvent> StoredEvents { get; init; } = [];

    public IReview Review => review;

    public bool HasOpenPrompt { get; set; }

    public ApprovalMode Mode { get; set; } = task.Mode;

    public List<string> Prompts { get; } = [];

    public List<ApprovalAnswer> Answers { get; } = [];

    public async IAsyncEnumerable<SessionEvent> PromptAsync(string text, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Prompts.Add(text);
        var prompt = script.Dequeue();
        yield return Numbered(new PromptEvent { Content = text });
        if (prompt.Asks is { } action)
        {
            var call = new ToolCallEvent { Id = "1", Tool = action.Tool, Args = default, Summary = action.Summary, RequiresApproval = true };
            yield return Numbered(call with { Args = System.Text.Json.JsonDocument.Parse("{}").RootElement });
            Answers.Add(await approver.AskAsync(Request(action), cancellationToken));
            yield return Numbered(new ToolResultEvent { Id = "1", Result = "done" });
        }

        var cancelled = false;
        if (prompt.Gate is { } gate)
        {
            yield return Numbered(new StatusEvent { State = SessionState.Coding, Message = "waiting for the model" });
            await gate.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancelled = !gate.IsCompleted;
        }

        foreach (var sessionEvent in cancelled ? [] : prompt.Events)
        {
            yield return Numbered(sessionEvent);
        }

        HasOpenPrompt = cancelled;
        yield return Numbered(Done(cancelled ? SessionOutcome.Cancelled : prompt.Outcome));
    }

    public IAsyncEnumerable<SessionEvent> ContinueAsync(CancellationToken cancellationToken) => PromptAsync("(continued)", cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public static ApprovalRequest Request(ToolAction action, long expiresAtMs = 4_102_444_800_000) => new()
    {
        Id = "ask", SessionId = "s", CallId = "1", Action = action, ActionHash = "h", Reason = "No rule allows it.", Rule = action.Script ? null : "run_command rm", ExpiresAtMs = expiresAtMs,
    };

    public DoneEvent Done(SessionOutcome outcome) => new()
    {
        Outcome = outcome,
        Verification = outcome == SessionOutcome.Succeeded ? Verification.ProjectTested : Verification.Unverified,
        Usage = new SessionUsage { ModelCalls = 3, ToolCalls = 4, PromptTokens = 1200, CompletionTokens = 80, WallMs = 3100, OwnMs = 40 },
        Execution = new AgentExecution
        {
            SessionId = Id,
            Plan = [],
            Iterations = 1,
            History = [],
            Outcome = outcome,
            OutcomeMessage = outcome == SessionOutcome.Succeeded ? null : "It did not get there.",
            Escalated = false,
            Root = Root,
            TestsBy = "project",
            Model = new ModelIdentity { Id = "scripted", Provider = "openai-compatible", Digest = "unpinned" },
            RanOn = new RanOn { Kind = "this-machine", SandboxBackend = "namespaces" },
            DataClass = task.DataClass,
            Egress = [],
            Verification = Verification.ProjectTested,
            Usage = new SessionUsage { ModelCalls = 3, ToolCalls = 4, PromptTokens = 1200, CompletionTokens = 80, WallMs = 3100, OwnMs = 40 },
        },
    };

    public static TestReport Report(int passed, int failed = 0) => new()
    {
        Framework = "unittest", Total = passed + failed, Passed = passed, Failed = failed, Skipped = 0, Errored = 0, DurationMs = 1200, Complete = true,
        Cases = [.. Enumerable.Range(0, failed).Select(index => new TestCase { Name = $"test_bad_{index}", Status = TestStatus.Failed, DurationMs = 1, Expected = "1", Actual = "2" })],
    };

    private SessionEvent Numbered(SessionEvent sessionEvent) => sessionEvent with { Seq = ++_seq, SessionId = Id, AtMs = 1 };
}

/// <summary>What comes of one prompt.</summary>
internal sealed record ScriptedPrompt(params IReadOnlyList<SessionEvent> Events)
{
    public SessionOutcome Outcome { get; init; } = SessionOutcome.Succeeded;

    public ToolAction? Asks { get; init; }

    public Task? Gate { get; init; }
}
