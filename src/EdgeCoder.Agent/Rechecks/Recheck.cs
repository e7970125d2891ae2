using EdgeCoder.Executor;
using EdgeCoder.Executor.Commands;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Agent.Rechecks;

/// <summary>Runs results again (coordinator-and-mesh 5.2) and checks on untouched input (5.1), in this machine's own sandboxes.</summary>
internal sealed class Recheck
{
    private const int LargestPatch = 64 << 20;

    // Far longer than any run may take.
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);

    /// <summary>For snippets.</summary>
    public required ICodeExecutor Executor { get; init; }

    /// <summary>For repositories.</summary>
    public required IProjectSandbox Sandbox { get; init; }

    /// <summary>The frozen bytes.</summary>
    public required FrozenBlobs Blobs { get; init; }

    /// <summary>Directory for trees.</summary>
    public required string Scratch { get; init; }

    /// <summary>Removes the trees of runs that a killed process left behind; younger ones may be another process's.</summary>
    /// <param name="now">The time.</param>
    public void RemoveLeftovers(DateTimeOffset now)
    {
        if (!Directory.Exists(Scratch))
        {
            return;
        }

        foreach (var tree in Directory.EnumerateDirectories(Scratch, "verify-*").Where(tree => now - Directory.GetLastWriteTimeUtc(tree) > Abandoned))
        {
            Commands.ReportFiles.Remove(tree);
        }
    }

    /// <summary>
    /// 1. the form and the digests; 2. what cannot be run again; 3. the check on the frozen input with the result; 4. a failing run once more: two that
    /// disagree say nothing about the result.
    /// </summary>
    public async Task<RecheckFinding> RunAsync(RecheckSubject subject, CancellationToken cancellationToken)
    {
        // 1.
        if (ResultForm.WhyRejected(subject) is { } fault)
        {
            return new RecheckFinding { Kind = VerdictKind.Rejected, Reason = fault };
        }

        // 2.
        if (subject.Kind == SubtaskKind.SingleStep || subject.Check is not { } check)
        {
            return new RecheckFinding { Kind = VerdictKind.Inconclusive, Reason = VerdictReasons.NotRerunnable };
        }

        if (CheckForm.WhyNot(check, subject.Kind) is { } unsupported)
        {
            return new RecheckFinding { Kind = VerdictKind.Inconclusive, Reason = VerdictReasons.VerifierUnavailable, Log = unsupported };
        }

        var fewest = Math.Max(subject.BaselineTests, check.MinTests ?? 0);
        try
        {
            // 3.
            var site = Site(subject);
            var first = await site.RunAsync(fewest, cancellationToken).ConfigureAwait(false);
            if (first.End is CheckRunEnd.Passed or CheckRunEnd.Unavailable)
            {
                return Finding(first);
            }

            // 4.
            var second = await site.RunAsync(fewest, cancellationToken).ConfigureAwait(false);
            return second.End switch
            {
                CheckRunEnd.Passed => Finding(first) with { Kind = VerdictKind.Inconclusive, Reason = VerdictReasons.FlakyCheck },
                CheckRunEnd.Unavailable => Finding(second),
                _ => Finding(first),
            };
        }
        catch (SiteFaultException known)
        {
            return new RecheckFinding { Kind = known.Kind, Reason = known.Reason, Log = known.Message };
        }
    }

    /// <summary>Tries a check on the untouched snapshot, or on a stub that always raises: both runs must fail, and alike.</summary>
    public async Task<BaselineFinding> BaselineAsync(SubtaskKind kind, string language, Protocol.Checks.AcceptanceCheck check, string? snapshotDigest, CancellationToken cancellationToken)
    {
        if (CheckForm.WhyNot(check, kind) is { } unsupported)
        {
            return new(BaselineFailures.Unsupported, 0, unsupported);
        }

        try
        {
            ICheckSite site = kind == SubtaskKind.RepoChange
                ? Repository(snapshotDigest ?? throw SiteFaultException.Missing("There is no snapshot."), check, default)
                : SnippetSite.OfStub(Executor, Blobs, language, check);
            var fewest = check.MinTests ?? 0;
            var first = await site.RunAsync(fewest, cancellationToken).ConfigureAwait(false);
            var second = first.End == CheckRunEnd.Unavailable ? first : await site.RunAsync(fewest, cancellationToken).ConfigureAwait(false);
            return BaselineFinding.Of(first, second, check.AllowPassingBaseline);
        }
        catch (SiteFaultException known)
        {
            return new(BaselineFailures.InputMissing, 0, known.Message);
        }
    }

    private ICheckSite Site(RecheckSubject subject)
    {
        if (subject.Kind != SubtaskKind.RepoChange)
        {
            return SnippetSite.Of(Executor, Blobs, subject.Language, subject.Check!, subject.Report.Output!);
        }

        var patch = Blobs.Read(subject.Report.PatchDigest!, LargestPatch) ?? throw SiteFaultException.Rejected(VerdictReasons.MalformedResult, "The patch that the result names was not handed in.");
        return Repository(subject.SnapshotDigest ?? throw SiteFaultException.Missing("The lease names no snapshot."), subject.Check!, patch);
    }

    private RepositorySite Repository(string snapshotDigest, Protocol.Checks.AcceptanceCheck check, ReadOnlyMemory<byte> patch) =>
        new() { Sandbox = Sandbox, Blobs = Blobs, Scratch = Scratch, SnapshotDigest = snapshotDigest, Check = check, Patch = patch };

    private static RecheckFinding Finding(CheckRun run)
    {
        var (kind, reason) = run.End switch
        {
            CheckRunEnd.Passed => (VerdictKind.Accepted, VerdictReasons.Ok),
            CheckRunEnd.TestsMissing => (VerdictKind.Rejected, VerdictReasons.TestsMissing),
            CheckRunEnd.Unavailable => (VerdictKind.Inconclusive, VerdictReasons.VerifierUnavailable),
            _ => (VerdictKind.Rejected, VerdictReasons.CheckFailed),
        };
        return new RecheckFinding { Kind = kind, Reason = reason, TestsRun = run.TestsRun, TestsPassed = run.TestsPassed, SandboxDigest = run.SandboxDigest, Incident = run.Incident, Log = run.Log };
    }
}
