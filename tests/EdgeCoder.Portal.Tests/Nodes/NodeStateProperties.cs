using CsCheck;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Nodes;

namespace EdgeCoder.Portal.Tests.Nodes;

/// <summary>Any sequence of steps keeps the rules of portal-and-control-plane 9.1 and 9.2 (N2, N3, N7, N12).</summary>
public sealed class NodeStateProperties
{
    private static readonly string[] Keys = [new('a', 64), new('b', 64)];

    private static readonly (string Name, Func<NodeState, NodeState> Step)[] Steps =
    [
        ("enrol agent", state => state.EnrolAgain(NodeKind.Agent, "home")),
        ("enrol coordinator", state => state.EnrolAgain(NodeKind.Coordinator, "home")),
        ("enrol elsewhere", state => state.EnrolAgain(state.Kind, "other")),
        ("bind a", state => state.Deleted ? state : state.Bind(Keys[0], policyApproves: false)),
        ("bind b", state => state.Deleted ? state : state.Bind(Keys[1], policyApproves: false)),
        ("bind a by policy", state => state.Deleted ? state : state.Bind(Keys[0], policyApproves: true)),
        ("bind b by policy", state => state.Deleted ? state : state.Bind(Keys[1], policyApproves: true)),
        ("approve", state => state.Approve()),
        ("refuse", state => state.Refuse()),
        ("suspend", state => state.Suspend()),
        ("release", state => state.Release()),
        ("pause", state => state.PauseByOwner()),
        ("resume", state => state.ResumeByOwner()),
        ("delete", state => state.Delete()),
    ];

    private static readonly Gen<int[]> Ways = Gen.Int[0, Steps.Length - 1].Array[0, 40];

    [Fact]
    public void Only_an_operator_lifts_a_refusal() => Check((before, step, after) =>
        before.Verdict == NodeVerdict.None || after.Verdict == before.Verdict || step == "approve");

    [Fact]
    public void Only_an_operator_lifts_an_operators_stop() => Check((before, step, after) => before.Pause != NodePause.Operator || after.Pause == NodePause.Operator || step == "release");

    [Fact]
    public void Approval_comes_from_an_operator_or_from_the_policy_for_an_agent_that_nobody_ever_refused() => Check((before, step, after) =>
        before.Approved || !after.Approved || step == "approve" || (step.EndsWith("policy", StringComparison.Ordinal) && after is { Kind: NodeKind.Agent, EverRefused: false }));

    [Fact]
    public void Another_key_kind_or_coordinator_waits_again() => Check((before, step, after) =>
        (after.Key == before.Key && after.Kind == before.Kind && after.CoordinatorId == before.CoordinatorId) || !after.Approved || step.EndsWith("policy", StringComparison.Ordinal));

    [Fact]
    public void What_is_active_has_a_key_an_approval_and_neither_stop_nor_refusal() => Check((_, _, after) =>
        !after.IsActive(emailVerified: true) || after is { Key: not null, Approved: true, Pause: NodePause.None, Verdict: NodeVerdict.None, Deleted: false });

    [Fact]
    public void Nothing_is_active_without_a_confirmed_address_and_what_is_blocked_says_why() => Check((_, _, after) =>
        !after.IsActive(emailVerified: false) && (after.Deleted || after.Blocked(true, false) is null == after.IsActive(true)) && after.Blocked(false, false) is not null);

    [Fact]
    public void A_refused_node_stays_marked_for_ever() => Check((before, _, after) => !before.EverRefused || after.EverRefused);

    private static void Check(Func<NodeState, string, NodeState, bool> holds) => Ways.Sample(way =>
    {
        var state = new NodeState { Kind = NodeKind.Agent, CoordinatorId = "home" };
        foreach (var at in way)
        {
            var before = state;
            try
            {
                state = Steps[at].Step(before);
            }
            catch (Refusal)
            {
                continue;
            }

            if (!holds(before, Steps[at].Name, state))
            {
                return false;
            }
        }

        return true;
    });
}
