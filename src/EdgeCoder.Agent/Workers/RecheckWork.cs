using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeCoder.Agent.Coordinators;
using EdgeCoder.Agent.Rechecks;
using EdgeCoder.Agent.Snapshots;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Canonical;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.Protocol.Verdicts;

namespace EdgeCoder.Agent.Workers;

/// <summary>
/// Work of verify and audit leases (coordinator-and-mesh 4.4, 5.2, 5.3): another agent's result is run again here, in this machine's own sandbox, and the
/// output is the verdict, signed by this agent's key. No model takes part.
/// </summary>
internal sealed class RecheckWork(SubtaskWorkParts parts)
{
    private const long MostBytes = 256L << 20;

    private static readonly ModelClaim NoModel = new("none", null);

    /// <summary>Works.</summary>
    /// <param name="order">The order.</param>
    /// <param name="key">Signs the verdict.</param>
    /// <param name="directory">Folder of this attempt.</param>
    /// <param name="progress">Told of steps.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<WorkOutcome> RunAsync(WorkOrder order, SigningKey key, string directory, Action<WorkStep> progress, CancellationToken cancellationToken)
    {
        // 1. What is judged is what its home signed: a lease of the same subtask, and the check that it names.
        if (order.Subtask.Subject is not { } named || Read(named, order) is not { } subject)
        {
            return new WorkOutcome.GivenBack(ReleaseReasons.Lease);
        }

        if (subject.Check.Kind is SubtaskKind.RepoChange ? !parts.Sandbox.Works : SnippetWork.Language(order.Subtask.Language) is not { } language || !parts.Sandbox.Languages.Contains(language))
        {
            return new WorkOutcome.GivenBack(ReleaseReasons.Sandbox);
        }

        // 2. The frozen bytes. Those that are not here are nobody's fault but the store's: the re-run says so.
        progress(new(1, "fetching"));
        var blobs = Path.Combine(directory, "blobs");
        Git.OwnerOnly.CreateDirectory(blobs);
        var names = Names(subject.Check).Distinct(StringComparer.Ordinal).ToList();
        foreach (var name in names)
        {
            await FetchAsync(order, name, Path.Combine(blobs, name), cancellationToken).ConfigureAwait(false);
        }

        // 3. The same engine as a coordinator's.
        progress(new(2, "running"));
        var startedAtMs = parts.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var recheck = new Recheck
        {
            Executor = parts.Executor,
            Sandbox = parts.Projects,
            Blobs = new FrozenBlobs(name => names.Contains(name) && File.Exists(Path.Combine(blobs, name)) ? File.OpenRead(Path.Combine(blobs, name)) : null),
            Scratch = Path.Combine(directory, "trees"),
        };
        var found = await recheck.RunAsync(subject.Check, cancellationToken).ConfigureAwait(false);

        // 4. The verdict. What the run printed goes to the requester alone: it may show hidden tests.
        var log = Encoding.UTF8.GetBytes(found.Log);
        var logs = Convert.ToHexStringLower(SHA256.HashData(log));
        var (_, signed) = VerdictDocument.Sign(subject.Lease, order.Lease.Purpose, subject.Check.Report, found, logs, order.Lease.AgentId, key, startedAtMs, parts.Time.GetUtcNow().ToUnixTimeMilliseconds());
        return new WorkOutcome.Done { Ok = true, Output = Encoding.UTF8.GetString(signed), Logs = log, Model = NoModel, Sandbox = new(parts.Sandbox.Mode, found.SandboxDigest ?? parts.Sandbox.Digest) };
    }

    private static (RecheckSubject Check, Lease Lease)? Read(VerificationSubject named, WorkOrder order)
    {
        if (Base64Text.TryRead(named.Lease) is not { } signed
            || SignedDocument.Read(signed, MeshJson.Default.Lease) is not { } lease
            || !order.Coordinator.Who.HasSigned(DocumentContexts.Lease, signed, lease.GrantedAtMs)
            || lease.LeaseId != named.LeaseId || lease.SubtaskId != order.Subtask.Id || lease.HomeCoordinatorId != order.Coordinator.Who.PeerId
            || lease.AgentId == order.Lease.AgentId
            || order.Subtask.AcceptanceCheck is not { } check || Digest(check) != lease.CheckDigest
            || Base64Text.TryRead(named.Report) is not { } bytes || Report(bytes) is not { } report
            || report.LeaseId != lease.LeaseId || report.Output != named.Output || report.PatchDigest != named.PatchDigest)
        {
            return null;
        }

        var subject = new RecheckSubject
        {
            Kind = order.Subtask.Kind,
            Language = order.Subtask.Language,
            Report = report,
            Check = check,
            CheckDigest = lease.CheckDigest,
            SnapshotDigest = lease.SnapshotDigest,
            BaselineTests = named.BaselineTests ?? 0,
        };
        return (subject, lease);
    }

    private static string Digest(AcceptanceCheck check) =>
        Convert.ToHexStringLower(SHA256.HashData(CanonicalJson.Write(JsonSerializer.SerializeToUtf8Bytes(check, MeshJson.Default.AcceptanceCheck))));

    private static ResultReport? Report(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, MeshJson.Default.ResultReport);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Names(RecheckSubject subject)
    {
        var files = (subject.Check!.Files ?? []).Concat(subject.Check.Overlay ?? []).Concat(subject.Check.ProtectedFiles ?? []).Select(file => file.Sha256);
        return new[] { subject.SnapshotDigest, subject.Report.PatchDigest }.OfType<string>().Concat(files).Where(name => name.Length == 64 && name.All(char.IsAsciiHexDigitLower));
    }

    private static async Task FetchAsync(WorkOrder order, string digest, string path, CancellationToken cancellationToken)
    {
        bool whole;
        try
        {
            await using var file = new FileStream(path, FileMode.Create, FileAccess.ReadWrite);
            whole = await BlobFetch.IntoAsync(order, digest, file, MostBytes, cancellationToken).ConfigureAwait(false);
        }
        catch (CoordinatorFault)
        {
            whole = false;
        }

        if (!whole)
        {
            File.Delete(path);
        }
    }
}
