using CsCheck;
using EdgeCoder.Coordinator.Verification;

namespace EdgeCoder.Coordinator.Tests.Verification;

public sealed class VerifierChoiceTests
{
    [Fact]
    public void Coordinator_verifies_foreign_work_and_its_operators_work_for_himself()
    {
        Assert.Equal(VerifierPlace.Coordinator, VerifierChoice.For("worker", "requester", "operator", sandboxHere: true));
        Assert.Equal(VerifierPlace.Coordinator, VerifierChoice.For("worker", "requester", null, sandboxHere: true));
        Assert.Equal(VerifierPlace.Coordinator, VerifierChoice.For("me", "me", "me", sandboxHere: true));
    }

    [Fact]
    public void Operator_does_not_judge_its_own_agent_for_somebody_else() => Assert.Equal(VerifierPlace.AnotherOwner, VerifierChoice.For("me", "requester", "me", sandboxHere: true));

    [Fact]
    public void Without_a_sandbox_somebody_else_verifies() => Assert.Equal(VerifierPlace.AnotherOwner, VerifierChoice.For("worker", "requester", "operator", sandboxHere: false));

    [Fact]
    public void Whoever_the_parties_are_no_owner_judges_itself_for_another()
    {
        var party = Gen.OneOf("a", "b", "c");
        Gen.Select(party, party, party, party).Sample((worker, requester, @operator, other) =>
        {
            if (VerifierChoice.For(worker, requester, @operator, sandboxHere: true) == VerifierPlace.Coordinator && worker != requester)
            {
                Assert.NotEqual(worker, @operator);
            }

            Assert.Equal(other != worker, VerifierChoice.MayVerify(other, worker));
            Assert.Equal(other != worker && other != requester && other != @operator, VerifierChoice.MayAudit(other, worker, @operator, requester));
        });
    }
}
