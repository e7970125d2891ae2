using EdgeCoder.Ledger.Blacklists;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Ledger.Tests.Blacklists;

/// <summary>Evidence of automatic bans (economy-and-ledger 14; F24): one valid proof of each rule, and one thing changed at a time.</summary>
public sealed class BlacklistProofTests : IDisposable
{
    private readonly SigningKey _agent = SigningKey.Generate();
    private readonly SigningKey _one = SigningKey.Generate();
    private readonly SigningKey _two = SigningKey.Generate();

    public void Dispose()
    {
        _agent.Dispose();
        _one.Dispose();
        _two.Dispose();
    }

    [Fact]
    public void Two_signed_results_for_one_lease_prove_P2()
    {
        Assert.Equal("P2", RuleOf(Two(Report("a"), Report("b"))));
        Assert.Equal("credential_abuse", BlacklistProof.ReasonOf("P2"));
    }

    [Fact]
    public void Two_results_that_are_no_proof_prove_nothing()
    {
        Assert.Null(RuleOf(Two(Report("a"), Report("a"))));
        Assert.Null(RuleOf(Two(Report("a"), Report("b", lease: "lease-2"))));
        Assert.Null(RuleOf(Two(Report("a"), Report("b", key: _one))));
        Assert.Null(RuleOf(Two(Report("a"), Report("b", agentId: "another"))));
        Assert.Null(RuleOf(Two(Report("a"), Report("b")), "another"));
        Assert.Null(RuleOf(Two(Report("a"), Report("b")) with { Rule = "P1" }));
        Assert.Null(RuleOf(Two(Report("a"), Report("b")) with { V = 2 }));
        Assert.Null(RuleOf(Two(Report("a"), Report("b")) with { Reports = [Report("a"), Report("b"), Report("c")] }));
    }

    [Fact]
    public void Two_verifiers_who_refute_a_claimed_success_prove_P1()
    {
        Assert.Equal("P1", RuleOf(Refuted([Verdict("v-1", _one), Verdict("v-2", _two)])));
        Assert.Equal("forged_results", BlacklistProof.ReasonOf("P1"));
    }

    [Fact]
    public void Verdicts_that_are_no_proof_prove_nothing()
    {
        Assert.Null(RuleOf(Refuted([Verdict("v-1", _one)])));
        Assert.Null(RuleOf(Refuted([Verdict("v-1", _one), Verdict("v-1", _one)])));
        Assert.Null(RuleOf(Refuted([Verdict("v-1", _one), Verdict("v-2", _one)])));
        Assert.Null(RuleOf(Refuted([Verdict("v-1", _one), Verdict("v-3", _two)])));
        Assert.Null(RuleOf(Refuted([Verdict("v-1", _one), Verdict("agent-1", _agent)])));
        Assert.Null(RuleOf(Refuted([Verdict("v-1", _one), Verdict("v-2", _two, v => v with { Kind = VerdictKind.Accepted })])));
        Assert.Null(RuleOf(Refuted([Verdict("v-1", _one), Verdict("v-2", _two, v => v with { ReasonCode = VerdictReasons.AgentReportedFailure })])));
        Assert.Null(RuleOf(Refuted([Verdict("v-1", _one), Verdict("v-2", _two, v => v with { ResultDigest = "other" })])));
        Assert.Null(RuleOf(Refuted([Verdict("v-1", _one), Verdict("v-2", _two, v => v with { LeaseId = "lease-2" })])));
        Assert.Null(RuleOf(Refuted([Verdict("v-1", _one), Verdict("v-2", _two, v => v with { InputHash = "other" })])));
        Assert.Null(RuleOf(Refuted([Verdict("v-1", _one), Verdict("v-2", _two, v => v with { OutputHash = "other" })])));
        Assert.Null(RuleOf(Refuted([Verdict("v-1", _one), Verdict("v-2", _two, v => v with { CheckDigest = "other" })])));
        Assert.Null(RuleOf(Refuted([Verdict("v-1", _one, v => v with { CheckDigest = null }), Verdict("v-2", _two, v => v with { CheckDigest = null })])));
        Assert.Null(RuleOf(Refuted([Verdict("v-1", _one), Verdict("v-2", _two)], Report("a", ok: false))));
    }

    [Fact]
    public void Any_changed_byte_or_garbage_proves_nothing_and_never_throws()
    {
        var evidence = Two(Report("a"), Report("b")).Content();
        for (var at = 0; at < evidence.Length; at++)
        {
            byte[] changed = [.. evidence];
            changed[at] ^= 1;
            Assert.Null(BlacklistProof.RuleOf(changed, "agent-1", KeyOf));
        }

        Assert.Null(BlacklistProof.RuleOf([], "agent-1", KeyOf));
        Assert.Null(BlacklistProof.RuleOf("{}"u8.ToArray(), "agent-1", KeyOf));
        Assert.Null(BlacklistProof.RuleOf(new byte[BlacklistProof.MostBytes + 1], "agent-1", KeyOf));
    }

    private VerifyingKey? KeyOf(string id) => id switch { "agent-1" => _agent.PublicKey, "v-1" => _one.PublicKey, "v-2" => _two.PublicKey, _ => null };

    private string? RuleOf(BlacklistProof proof, string agentId = "agent-1") => BlacklistProof.RuleOf(proof.Content(), agentId, KeyOf);

    private static BlacklistProof Two(ReportEvidence one, ReportEvidence other) => new() { V = 1, Rule = "P2", Reports = [one, other] };

    private BlacklistProof Refuted(IReadOnlyList<string> verdicts, ReportEvidence? report = null) => new() { V = 1, Rule = "P1", Reports = [report ?? Report("a")], Verdicts = verdicts };

    private ReportEvidence Report(string digest, string lease = "lease-1", SigningKey? key = null, string agentId = "agent-1", bool ok = true)
    {
        var report = new ResultReport { AgentId = agentId, LeaseId = lease, SubtaskId = "task-1", Ok = ok, ReportNonce = "n", ResultDigest = digest };
        return new(Convert.ToBase64String(ReportSignature.Content(report)), ReportSignature.Sign(report, key ?? _agent));
    }

    private static string Verdict(string verifierId, SigningKey key, Func<Verdict, Verdict>? change = null)
    {
        var verdict = new Verdict
        {
            VerdictId = Guid.NewGuid().ToString("D"), Purpose = LeasePurpose.Audit, LeaseId = "lease-1", SubtaskId = "task-1", Attempt = 1, Kind = VerdictKind.Rejected, ReasonCode = VerdictReasons.CheckFailed,
            CheckDigest = "c", InputHash = "i", OutputHash = "o", ResultDigest = "a", VerifierId = verifierId, AuditWindowId = "w", Cv = 0, StartedAtMs = 1, EndedAtMs = 2,
        };
        return Convert.ToBase64String(SignedDocument.Sign(DocumentContexts.Verdict, (change ?? (v => v))(verdict), MeshJson.Default.Verdict, key));
    }
}
