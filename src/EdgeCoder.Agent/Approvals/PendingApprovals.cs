using System.Collections.Concurrent;

namespace EdgeCoder.Agent.Approvals;

/// <summary>
/// Questions that are answered over a connection, by id. An answer counts once, from the caller who was asked, for the session and the exact action that
/// were shown, while the caller is connected and the question stands (R7).
/// </summary>
/// <param name="caller">Who is asked: the connection's own identity.</param>
/// <param name="time">The clock.</param>
public sealed class PendingApprovals(string caller, TimeProvider time) : IApprover
{
    private readonly ConcurrentDictionary<string, Question> _questions = new(StringComparer.Ordinal);
    private volatile bool _gone;

    /// <summary>Told of each question.</summary>
    public event Action<ApprovalRequest>? Asked;

    /// <inheritdoc/>
    public async Task<ApprovalAnswer> AskAsync(ApprovalRequest request, CancellationToken cancellationToken)
    {
        var question = new Question(request, new(TaskCreationOptions.RunContinuationsAsynchronously));
        if (_gone || !_questions.TryAdd(request.Id, question))
        {
            return ApprovalAnswer.Expired;
        }

        try
        {
            Asked?.Invoke(request);
            return await question.Answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _questions.TryRemove(request.Id, out _);
        }
    }

    /// <summary>Takes an answer. False: it is not this caller's question, not this session's or action's, was answered before, or came too late.</summary>
    public bool Answer(string id, string answeredBy, string sessionId, string actionHash, ApprovalAnswer answer) =>
        !_gone
        && answeredBy == caller
        && _questions.TryGetValue(id, out var question)
        && question.Request.SessionId == sessionId
        && question.Request.ActionHash == actionHash
        && time.GetUtcNow().ToUnixTimeMilliseconds() < question.Request.ExpiresAtMs
        && _questions.TryRemove(id, out _)
        && question.Answer.TrySetResult(answer);

    /// <summary>The caller is gone: what stands open has expired, and nothing is asked any more.</summary>
    public void Disconnect()
    {
        _gone = true;
        foreach (var question in _questions.Values)
        {
            question.Answer.TrySetResult(ApprovalAnswer.Expired);
        }
    }

    private sealed record Question(ApprovalRequest Request, TaskCompletionSource<ApprovalAnswer> Answer);
}
