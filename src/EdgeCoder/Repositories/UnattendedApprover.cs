using EdgeCoder.Agent.Approvals;

namespace EdgeCoder.Repositories;

/// <summary>Nobody is there to ask, so what rules do not allow is refused.</summary>
internal sealed class UnattendedApprover : IApprover
{
    /// <inheritdoc/>
    public Task<ApprovalAnswer> AskAsync(ApprovalRequest request, CancellationToken cancellationToken) => Task.FromResult(ApprovalAnswer.Expired);
}
