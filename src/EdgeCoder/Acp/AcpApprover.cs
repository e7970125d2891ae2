using EdgeCoder.Agent.Approvals;
using EdgeCoder.Repositories;

namespace EdgeCoder.Acp;

/// <summary>
/// Asks the person in the editor (agent-executor-models 2.5). The question goes to one connection and only its answer counts; when that closes, or the
/// deadline passes, the question has expired.
/// </summary>
internal sealed class AcpApprover(AcpClient client, AcpUpdates updates, TimeProvider time) : IApprover
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public async Task<ApprovalAnswer> AskAsync(ApprovalRequest request, CancellationToken cancellationToken)
    {
        var left = DateTimeOffset.FromUnixTimeMilliseconds(request.ExpiresAtMs) - time.GetUtcNow();
        if (left <= TimeSpan.Zero)
        {
            return ApprovalAnswer.Expired;
        }

        using var deadline = new CancellationTokenSource(left < Longest ? left : Longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await client.AskAsync(Call(request), Options(request), either.Token) switch
            {
                "once" => ApprovalAnswer.Once,
                "session" => ApprovalAnswer.Session,
                "always" => ApprovalAnswer.Always,
                "deny" => ApprovalAnswer.Denied,
                _ => ApprovalAnswer.Expired,
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ApprovalAnswer.Expired;
        }
        catch (Exception fault) when (fault is IOException or RpcException)
        {
            return ApprovalAnswer.Expired;
        }
    }

    private AcpPermissionCall Call(ApprovalRequest request) => new(request.CallId)
    {
        Title = request.Action.Summary,
        Kind = AcpUpdates.KindOf(request.Action.Tool),
        Status = "pending",
        Content = [AcpToolContent.Words(string.Join('\n', ActionText.Lines(request.Action).Append(request.Reason)))],
        Locations = request.Action.Paths.Count == 0 ? null : [.. request.Action.Paths.Select(path => updates.Location(path))],
    };

    private static IReadOnlyList<AcpOption> Options(ApprovalRequest request) =>
    [
        new("once", "Allow once", "allow_once"),
        .. request.Rule is { } rule
            ? (AcpOption[])[new("session", $"Allow for this session: {rule}", "allow_always"), new("always", $"Always allow in this project: {rule}", "allow_always")]
            : [],
        new("deny", "Refuse", "reject_once"),
    ];
}
