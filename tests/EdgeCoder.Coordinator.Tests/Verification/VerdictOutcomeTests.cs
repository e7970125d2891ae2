using CsCheck;
using EdgeCoder.Coordinator.Verification;
using EdgeCoder.Protocol.Audits;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Coordinator.Tests.Verification;

/// <summary>The table of coordinator-and-mesh 5.4 and the counting of 5.3.</summary>
public sealed class VerdictOutcomeTests
{
    private static readonly string[] Faults = [VerdictReasons.CheckFailed, VerdictReasons.PatchDoesNotApply, VerdictReasons.TestsMissing, VerdictReasons.MalformedResult];
    private static readonly string[] Strikes = [VerdictReasons.ProtectedFileChanged, VerdictReasons.PathEscape, VerdictReasons.DigestMismatch];
    private static readonly string[] Unknown = [VerdictReasons.FlakyCheck, VerdictReasons.VerifierTimeout, VerdictReasons.VerifierUnavailable];

    [Fact]
    public void Accepted_work_is_paid_and_counts_unless_an_audit_is_open()
    {
        Assert.Equal(new(VerdictPay.Post, VerdictStanding.Raise), VerdictOutcome.Of(VerdictKind.Accepted, VerdictReasons.Ok, auditDrawn: false, ownWork: false));
        Assert.Equal(new(VerdictPay.Hold, VerdictStanding.Keep), VerdictOutcome.Of(VerdictKind.Accepted, VerdictReasons.Ok, auditDrawn: true, ownWork: false));
    }

    [Fact]
    public void Faults_reset_and_tampering_strikes_and_neither_is_paid()
    {
        Assert.All(Faults, reason => Assert.Equal(new(VerdictPay.None, VerdictStanding.Fault), VerdictOutcome.Of(VerdictKind.Rejected, reason, false, false)));
        Assert.All(Strikes, reason => Assert.Equal(new(VerdictPay.None, VerdictStanding.Strike), VerdictOutcome.Of(VerdictKind.Rejected, reason, false, false)));
        Assert.Equal(new(VerdictPay.None, VerdictStanding.Keep), VerdictOutcome.Of(VerdictKind.Rejected, VerdictReasons.AgentReportedFailure, false, false));
    }

    [Fact]
    public void What_cannot_be_told_is_nobodys_fault_and_what_cannot_be_run_is_paid_as_unverified()
    {
        Assert.All(Unknown, reason => Assert.Equal(new(VerdictPay.None, VerdictStanding.Keep), VerdictOutcome.Of(VerdictKind.Inconclusive, reason, false, false)));
        Assert.Equal(new(VerdictPay.PostUnverified, VerdictStanding.Keep), VerdictOutcome.Of(VerdictKind.Inconclusive, VerdictReasons.NotRerunnable, false, false));
    }

    [Fact]
    public void Own_work_moves_no_standing_and_is_never_held()
    {
        Assert.Equal(new(VerdictPay.Post, VerdictStanding.Keep), VerdictOutcome.Of(VerdictKind.Accepted, VerdictReasons.Ok, auditDrawn: true, ownWork: true));
        Assert.All(Strikes, reason => Assert.Equal(VerdictStanding.Keep, VerdictOutcome.Of(VerdictKind.Rejected, reason, false, ownWork: true).Standing));
    }

    [Fact]
    public void Cv_is_the_number_of_accepted_results_since_the_last_fault()
    {
        var end = Gen.OneOf(
            Gen.Const((VerdictKind.Accepted, VerdictReasons.Ok)),
            Gen.OneOf([.. Faults, .. Strikes, VerdictReasons.AgentReportedFailure]).Select(reason => (VerdictKind.Rejected, reason)),
            Gen.OneOf([.. Unknown, VerdictReasons.NotRerunnable]).Select(reason => (VerdictKind.Inconclusive, reason)));
        end.Array[0, 60].Sample(ends =>
        {
            var cv = ends.Aggregate(0, (cv, one) => VerdictOutcome.Of(one.Item1, one.Item2, false, false).CvAfter(cv));
            var lastFault = Array.FindLastIndex(ends, one => one.Item1 == VerdictKind.Rejected && one.Item2 != VerdictReasons.AgentReportedFailure);
            Assert.Equal(ends.Skip(lastFault + 1).Count(one => one.Item1 == VerdictKind.Accepted), cv);
        });
    }

    [Fact]
    public void Probation_is_always_audited_and_both_lease_and_result_move_the_draw()
    {
        Gen.Select(Gen.Byte.Array[32], Gen.String[Gen.Char.AlphaNumeric, 1, 22], Gen.String[Gen.Char.AlphaNumeric, 1, 64], Gen.Int[0, 9]).Sample((seed, lease, digest, cv) => AuditDraw.IsDrawn(seed, lease, digest, cv));
        var fixedSeed = new byte[32];
        var draws = Enumerable.Range(0, 4_000).Select(i => (Lease: AuditDraw.IsDrawn(fixedSeed, $"l{i}", "d", 20), Result: AuditDraw.IsDrawn(fixedSeed, "l", $"d{i}", 20))).ToList();
        Assert.InRange(draws.Count(draw => draw.Lease), 140, 260);
        Assert.InRange(draws.Count(draw => draw.Result), 140, 260);
    }

    [Fact]
    public void Larger_cv_is_never_audited_where_a_smaller_one_is_not() =>
        Gen.Select(Gen.Byte.Array[32], Gen.String[Gen.Char.AlphaNumeric, 1, 22], Gen.Int[10, 10_000], Gen.Int[0, 10_000]).Sample((seed, lease, cv, more) =>
            AuditDraw.IsDrawn(seed, lease, "d", cv) || !AuditDraw.IsDrawn(seed, lease, "d", cv + more));

    [Fact]
    public void What_a_quarantined_agent_hands_in_is_audited_whatever_the_draw_says()
    {
        Assert.Equal(new VerdictOutcome(VerdictPay.Hold, VerdictStanding.Keep), VerdictOutcome.Of(VerdictKind.Accepted, VerdictReasons.Ok, auditDrawn: false, ownWork: false, quarantined: true));
        Assert.Equal(new VerdictOutcome(VerdictPay.Post, VerdictStanding.Keep), VerdictOutcome.Of(VerdictKind.Accepted, VerdictReasons.Ok, auditDrawn: false, ownWork: true, quarantined: true));
    }
}
