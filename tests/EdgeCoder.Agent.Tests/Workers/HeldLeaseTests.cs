using EdgeCoder.Agent.Workers;
using EdgeCoder.Protocol.Leases;

namespace EdgeCoder.Agent.Tests.Workers;

public sealed class HeldLeaseTests
{
    private static readonly Lease Granted = new()
    {
        LeaseId = "lease-1",
        SubtaskId = "subtask-1",
        Attempt = 1,
        Purpose = LeasePurpose.Work,
        AgentId = "agent-1",
        HomeCoordinatorId = "peer-1",
        GrantedAtMs = 0,
        DeadlineMs = 60_000,
        HardDeadlineMs = 90_000,
        Price = new(1000, 10_000, 10_000, 10_000),
        InputHash = "",
        AuditWindowId = "window-1",
        Cv = 0,
    };

    // A heartbeat's answer finds the attempt in the list just before it ends; the heartbeats must go on.
    [Fact]
    public void Withdrawing_an_attempt_that_has_just_ended_is_no_fault()
    {
        var attempt = new HeldLease(Granted, null!, TestContext.Current.CancellationToken);
        attempt.Dispose();

        attempt.Withdraw("revoked");

        Assert.Equal("revoked", attempt.Withdrawn);
    }
}
