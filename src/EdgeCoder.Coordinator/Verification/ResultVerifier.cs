using System.Text;
using EdgeCoder.Agent.Rechecks;
using EdgeCoder.Coordinator.Blobs;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Coordinator.Verification;

/// <summary>Runs one result or one check again in this coordinator's sandbox, and keeps what the run printed for the submitter.</summary>
internal sealed class ResultVerifier(Recheck recheck, BlobStore blobs, IStoreWriter writer, VerificationOptions options, TimeProvider time)
{
    /// <summary>Finds out about a result. Every fault of the result is a finding; a time-out is one too.</summary>
    public async Task<CheckFinding> VerifyAsync(VerificationJob job, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Longest(job.Check?.TimeoutMs ?? job.TimeoutMs), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var found = await recheck.RunAsync(
                new RecheckSubject
                {
                    Kind = job.Kind,
                    Language = job.Language,
                    Report = job.Report,
                    Check = job.Check,
                    CheckDigest = job.Lease.CheckDigest,
                    SnapshotDigest = job.SnapshotDigest,
                    BaselineTests = job.BaselineTests,
                },
                either.Token).ConfigureAwait(false);
            return new CheckFinding
            {
                Kind = found.Kind,
                Reason = found.Reason,
                TestsRun = found.TestsRun,
                TestsPassed = found.TestsPassed,
                SandboxDigest = found.SandboxDigest,
                Incident = found.Incident,
                LogsDigest = await KeepAsync(found.Log, job.RequesterAccountId, cancellationToken).ConfigureAwait(false),
            };
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new CheckFinding { Kind = VerdictKind.Inconclusive, Reason = VerdictReasons.VerifierTimeout };
        }
    }

    /// <summary>Tries a check on untouched input; null when this machine cannot tell.</summary>
    public async Task<BaselineFinding?> TryBaselineAsync(BaselineJob job, CancellationToken cancellationToken)
    {
        var found = await recheck.BaselineAsync(job.Kind, job.Language, job.Check, job.SnapshotDigest, cancellationToken).ConfigureAwait(false);
        return found.Unavailable ? null : found;
    }

    /// <summary>Removes what a killed process left behind.</summary>
    public void RemoveLeftovers() => recheck.RemoveLeftovers(time.GetUtcNow());

    private TimeSpan Longest(int timeoutMs) => TimeSpan.FromMilliseconds(2L * timeoutMs) + options.Overhead;

    // Readable by the submitter alone: the output of a run may show hidden tests.
    private async Task<string?> KeepAsync(string log, string accountId, CancellationToken cancellationToken)
    {
        if (log.Length == 0)
        {
            return null;
        }

        var bytes = Encoding.UTF8.GetBytes(log);
        var digest = await blobs.PutBytesAsync(bytes, cancellationToken).ConfigureAwait(false);
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        await writer.WriteAsync(
            batch =>
            {
                BlobRecords.Hold(batch, digest, bytes.Length, BlobRecords.Account(accountId), nowMs);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        return digest;
    }
}
