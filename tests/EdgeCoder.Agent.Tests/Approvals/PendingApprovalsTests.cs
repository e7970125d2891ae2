using EdgeCoder.Agent.Approvals;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Agent.Tests.Approvals;

/// <summary>R7: one valid answer; tamper one thing, and it does not count.</summary>
public sealed class PendingApprovalsTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly PendingApprovals _pending;
    private readonly ApprovalRequest _request;

    public PendingApprovalsTests()
    {
        _pending = new("caller", _time);
        var action = PolicyTests.Vector("ls");
        _request = new()
        {
            Id = "id",
            SessionId = "session",
            CallId = "c1",
            Action = action,
            ActionHash = ActionHash.Of(action),
            Reason = "r",
            ExpiresAtMs = (_time.GetUtcNow() + ApprovalDesk.Lifetime).ToUnixTimeMilliseconds(),
        };
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Valid_answer_counts_once()
    {
        var asked = _pending.AskAsync(_request, Stop);
        Assert.True(Answer());
        Assert.False(Answer());
        Assert.Equal(ApprovalAnswer.Once, await asked);
    }

    [Theory]
    [InlineData("other", "caller", "session", null)]
    [InlineData("id", "other", "session", null)]
    [InlineData("id", "caller", "other", null)]
    [InlineData("id", "caller", "session", "other")]
    public async Task Answer_of_another_question_caller_session_or_action_does_not_count(string id, string caller, string session, string? hash)
    {
        var asked = _pending.AskAsync(_request, Stop);
        Assert.False(_pending.Answer(id, caller, session, hash ?? _request.ActionHash, ApprovalAnswer.Once));
        Assert.False(asked.IsCompleted);
        Assert.True(Answer());
        await asked;
    }

    [Fact]
    public async Task Late_answer_does_not_count()
    {
        var asked = _pending.AskAsync(_request, Stop);
        _time.Advance(ApprovalDesk.Lifetime);
        Assert.False(Answer());
        _pending.Disconnect();
        Assert.Equal(ApprovalAnswer.Expired, await asked);
    }

    [Fact]
    public async Task Caller_who_is_gone_has_answered_nothing_and_answers_nothing_more()
    {
        var asked = _pending.AskAsync(_request, Stop);
        _pending.Disconnect();
        Assert.Equal(ApprovalAnswer.Expired, await asked);
        Assert.False(Answer());
        Assert.Equal(ApprovalAnswer.Expired, await _pending.AskAsync(_request with { Id = "next" }, Stop));
    }

    private bool Answer() => _pending.Answer("id", "caller", "session", _request.ActionHash, ApprovalAnswer.Once);
}
