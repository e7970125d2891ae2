using EdgeCoder.Agent.Approvals;

namespace EdgeCoder.Repositories;

/// <summary>Asks somebody, except about the project's test command, which was agreed to beforehand (<c>--approve-tests</c>).</summary>
internal sealed class TestsAllowed(IApprover inner) : IApprover
{
    /// <inheritdoc/>
    public Task<ApprovalAnswer> AskAsync(ApprovalRequest request, CancellationToken cancellationToken) =>
        TestCommandApproval.Is(request) ? Task.FromResult(ApprovalAnswer.Once) : inner.AskAsync(request, cancellationToken);
}
