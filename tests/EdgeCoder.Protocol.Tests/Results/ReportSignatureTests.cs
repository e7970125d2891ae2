using System.Security.Cryptography;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Results;

namespace EdgeCoder.Protocol.Tests.Results;

public sealed class ReportSignatureTests
{
    [Fact]
    public void Digest_is_over_the_canonical_members_that_decide()
    {
        var report = new ResultReport { Ok = true, Output = "é", Model = new("m", null), TestReport = new(1, 1, 0, 0), CheckDigest = "c", DurationMs = 5, LeaseId = "l" };
        var expected = """{"checkDigest":"c","model":{"modelId":"m"},"ok":true,"output":"é","testReport":{"failed":0,"passed":1,"run":1,"skipped":0}}"""u8;
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(expected)), ResultDigest.Of(report));
    }

    [Fact]
    public void Digest_follows_every_member_that_decides_and_no_other()
    {
        var report = new ResultReport { Ok = true, Output = "x" };
        ResultReport[] changed =
        [
            report with { Ok = false }, report with { Output = "y" }, report with { Error = "e" }, report with { PatchDigest = "p" }, report with { LogsDigest = "l" },
            report with { Model = new("m", null) }, report with { Sandbox = new("none", null) }, report with { SnapshotDigest = "s" }, report with { CheckDigest = "c" },
            report with { EscalationReason = "r" }, report with { TestReport = new(0, 0, 0, 0) },
        ];
        Assert.Equal(changed.Length + 1, changed.Append(report).Select(ResultDigest.Of).Distinct().Count());
        Assert.Equal(ResultDigest.Of(report), ResultDigest.Of(report with { DurationMs = 1, TaskId = "t", LeaseId = "l", ReportNonce = "n" }));
    }

    [Fact]
    public void Report_of_another_lease_subtask_agent_or_outcome_is_not_signed()
    {
        using var key = SigningKey.Generate();
        var report = new ResultReport { LeaseId = "l", SubtaskId = "s", AgentId = "agent-1", Ok = true, ResultDigest = "d", ReportNonce = "n" };
        report = report with { ReportSignature = ReportSignature.Sign(report, key) };
        Assert.True(ReportSignature.Verify(report, key.PublicKey));
        Assert.Equal("""{"agentId":"agent-1","leaseId":"l","ok":true,"reportNonce":"n","resultDigest":"d","subtaskId":"s","v":1}"""u8, ReportSignature.Content(report));
        ResultReport[] changed =
        [
            report with { LeaseId = "m" }, report with { SubtaskId = "t" }, report with { AgentId = "agent-2" }, report with { Ok = false }, report with { Ok = null },
            report with { ResultDigest = "e" }, report with { ReportNonce = "o" }, report with { ReportSignature = null }, report with { ReportSignature = "AAAA" },
        ];
        Assert.All(changed, r => Assert.False(ReportSignature.Verify(r, key.PublicKey)));
    }
}
