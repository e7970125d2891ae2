using System.Text.Json;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Protocol.Tests.Sessions;

/// <summary>The exact text on the wire. A change here breaks whoever reads <c>--json</c>.</summary>
public sealed class WireShapeTests
{
    [Fact]
    public void Status_event() => Assert.Equal(
        """{"type":"status","state":"writing_tests","message":"m","ranOn":{"kind":"this-machine"},"budgetLeft":{"steps":3,"seconds":1.5},"seq":2,"sessionId":"s","atMs":9}""",
        Written(new StatusEvent { Seq = 2, SessionId = "s", AtMs = 9, State = SessionState.WritingTests, Message = "m", RanOn = new RanOn { Kind = "this-machine" }, BudgetLeft = new BudgetLeft { Steps = 3, Seconds = 1.5 } }));

    [Fact]
    public void Plan_event() => Assert.Equal(
        """{"type":"plan","steps":[{"index":1,"description":"d","status":"in_progress"}],"seq":1,"sessionId":"s","atMs":9}""",
        Written(new PlanEvent { Seq = 1, SessionId = "s", AtMs = 9, Steps = [new PlanStep { Index = 1, Description = "d", Status = PlanStepStatus.InProgress }] }));

    [Fact]
    public void Escalation_event() => Assert.Equal(
        """{"type":"escalation","state":"not_sent","reason":"max_iterations_exhausted","message":"m","seq":1,"sessionId":"s","atMs":9}""",
        Written(new EscalationEvent { Seq = 1, SessionId = "s", AtMs = 9, State = "not_sent", Reason = EscalationReason.MaxIterationsExhausted, Message = "m" }));

    [Fact]
    public void Error_event() => Assert.Equal(
        """{"type":"error","code":"model_unavailable","message":"m","hint":"h","seq":1,"sessionId":"s","atMs":9}""",
        Written(new ErrorEvent { Seq = 1, SessionId = "s", AtMs = 9, Code = "model_unavailable", Message = "m", Hint = "h" }));

    [Fact]
    public void Code_event() => Assert.Equal(
        """{"type":"code","kind":"tests","iteration":0,"language":"python","file":"t.py","content":"c","by":"model","seq":1,"sessionId":"s","atMs":9}""",
        Written(new CodeEvent { Seq = 1, SessionId = "s", AtMs = 9, Kind = CodeKind.Tests, Iteration = 0, Language = "python", File = "t.py", Content = "c", By = "model" }));

    [Theory]
    [InlineData(SessionOutcome.Succeeded, "succeeded")]
    [InlineData(SessionOutcome.Unverified, "unverified")]
    [InlineData(SessionOutcome.Failed, "failed")]
    [InlineData(SessionOutcome.Escalated, "escalated")]
    [InlineData(SessionOutcome.Cancelled, "cancelled")]
    [InlineData(SessionOutcome.BudgetExhausted, "budget_exhausted")]
    public void Outcomes(SessionOutcome outcome, string text) => Assert.Equal($"\"{text}\"", JsonSerializer.Serialize(outcome, ProtocolJson.Default.SessionOutcome));

    [Theory]
    [InlineData(Verification.Unverified, "unverified")]
    [InlineData(Verification.SelfTested, "self-tested")]
    [InlineData(Verification.ProjectTested, "project-tested")]
    [InlineData(Verification.Accepted, "accepted")]
    [InlineData(Verification.Rejected, "rejected")]
    [InlineData(Verification.Inconclusive, "inconclusive")]
    public void Verifications(Verification verification, string text) => Assert.Equal($"\"{text}\"", JsonSerializer.Serialize(verification, ProtocolJson.Default.Verification));

    [Fact]
    public void Escalation_reasons() => Assert.Equal(
        ["outside_subset", "timeout", "memory_limit", "output_limit", "model_limit", "manual", "max_iterations_exhausted", "no_progress", "budget_exhausted", "model_unavailable"],
        Enum.GetValues<EscalationReason>().Select(r => JsonSerializer.Serialize(r, ProtocolJson.Default.EscalationReason).Trim('"')));

    [Fact]
    public void Queue_reasons() => Assert.Equal(
        ["outside_subset", "syntax_error", "runtime_error", "timeout", "memory_limit", "output_limit", "sandbox_unavailable", "policy_denied"],
        Enum.GetValues<QueueReason>().Select(r => JsonSerializer.Serialize(r, ProtocolJson.Default.QueueReason).Trim('"')));

    [Theory]
    [InlineData("""{"type":"text","seq":1}""")]
    [InlineData("""{"type":"nothing_known","content":"x"}""")]
    [InlineData("""{"content":"x"}""")]
    [InlineData("""{"type":"escalation","state":"not_sent","reason":3,"message":"m"}""")]
    [InlineData("""{"type":"escalation","state":"not_sent","reason":"because","message":"m"}""")]
    public void Incomplete_unknown_and_numeric_values_are_refused(string json) =>
        Assert.ThrowsAny<Exception>(() => JsonSerializer.Deserialize(json, ProtocolJson.Default.SessionEvent));

    [Fact]
    public void Unknown_field_of_a_newer_program_is_skipped() =>
        Assert.Equal("x", Assert.IsType<TextEvent>(JsonSerializer.Deserialize("""{"type":"text","content":"x","later":{"a":[1]}}""", ProtocolJson.Default.SessionEvent)).Content);

    private static string Written(SessionEvent @event) => JsonSerializer.Serialize(@event, ProtocolJson.Default.SessionEvent);
}
