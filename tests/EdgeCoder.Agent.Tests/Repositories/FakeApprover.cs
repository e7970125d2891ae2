using EdgeCoder.Agent.Approvals;

namespace EdgeCoder.Agent.Tests.Repositories;

/// <summary>A person who gives the answers of a list, and then one answer for ever.</summary>
internal sealed class FakeApprover(ApprovalAnswer always, params IEnumerable<ApprovalAnswer> first) : IApprover
{
    private readonly Queue<ApprovalAnswer> _answers = new(first);

    public List<ApprovalRequest> Requests { get; } = [];

    /// <summary>Done before the answer.</summary>
    public Func<ApprovalRequest, CancellationToken, Task>? Before { get; set; }

    public async Task<ApprovalAnswer> AskAsync(ApprovalRequest request, CancellationToken cancellationToken)
    {
        Requests.Add(request);
        if (Before is { } before)
        {
            await before(request, cancellationToken);
        }

        return _answers.TryDequeue(out var answer) ? answer : always;
    }
}
