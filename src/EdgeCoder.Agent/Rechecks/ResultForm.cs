using System.Text;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Agent.Rechecks;

/// <summary>What can be told of a result without running it (coordinator-and-mesh 5.2, first step). Its own counts, duration and model decide nothing: pure.</summary>
internal static class ResultForm
{
    private const int LargestOutput = 256 << 10;

    /// <summary>Why it is rejected; null when it is worth a run.</summary>
    public static string? WhyRejected(RecheckSubject subject)
    {
        var report = subject.Report;
        return report.Ok is null ? VerdictReasons.MalformedResult
            : ResultDigest.Of(report) != report.ResultDigest ? VerdictReasons.DigestMismatch
            : report.CheckDigest is { } check && check != subject.CheckDigest ? VerdictReasons.DigestMismatch
            : report.SnapshotDigest is { } snapshot && snapshot != subject.SnapshotDigest ? VerdictReasons.DigestMismatch
            : report.Ok == false ? VerdictReasons.AgentReportedFailure
            : report.Output is { } output && Encoding.UTF8.GetByteCount(output) > LargestOutput ? VerdictReasons.MalformedResult
            : subject.Kind == SubtaskKind.RepoChange ? report.PatchDigest is null ? VerdictReasons.MalformedResult : null
            : string.IsNullOrWhiteSpace(report.Output) ? VerdictReasons.MalformedResult : null;
    }
}
