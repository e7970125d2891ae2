using System.Security.Cryptography;
using EdgeCoder.Agent.Snapshots;
using EdgeCoder.Commands;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordination;

/// <summary>A project as it is now, packed for a coordinator, with the check that decides on every change of it.</summary>
internal sealed class RepositorySubmission
{
    private RepositorySubmission(byte[] archive, Snapshot snapshot, AcceptanceCheck check) => (Archive, Snapshot, Check) = (archive, snapshot, check);

    /// <summary>The blob.</summary>
    public byte[] Archive { get; }

    /// <summary>What is in it.</summary>
    public Snapshot Snapshot { get; }

    /// <summary>What decides.</summary>
    public AcceptanceCheck Check { get; }

    /// <summary>Packs what the project shares: nothing it ignores, no secret files. Throws <see cref="UsageException"/>.</summary>
    /// <param name="root">The project.</param>
    /// <param name="command">Test command.</param>
    /// <param name="report">Where the counts of tests come from.</param>
    /// <param name="protectedPaths">Files, or directories with all that is in them, that no change may touch: the tests.</param>
    /// <param name="timeoutMs">Wall time of one run.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static RepositorySubmission Pack(string root, IReadOnlyList<string> command, CheckReport report, IReadOnlyList<string> protectedPaths, int timeoutMs, CancellationToken cancellationToken)
    {
        using var archive = new MemoryStream();
        Snapshot snapshot;
        try
        {
            snapshot = SnapshotArchive.Pack(root, archive, SnapshotSelection.Project, cancellationToken: cancellationToken);
        }
        catch (SnapshotException fault)
        {
            throw new UsageException("snapshot_refused", fault.Message);
        }

        var kept = new List<CheckFile>();
        foreach (var wanted in protectedPaths)
        {
            var path = wanted.Replace('\\', '/').TrimEnd('/');
            var covered = snapshot.Entries.Where(entry => entry.Kind != SnapshotEntryKind.Link && (entry.Path == path || entry.Path.StartsWith(path + "/", StringComparison.Ordinal))).ToList();
            if (covered.Count == 0)
            {
                throw new UsageException("protected_missing", $"--protect {wanted} names no file of the snapshot.", "Give a path below the project's root that is not ignored.");
            }

            kept.AddRange(covered.Select(entry => new CheckFile(entry.Path, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(root, entry.Path)))))));
        }

        return new(archive.ToArray(), snapshot, new AcceptanceCheck
        {
            Command = command,
            TimeoutMs = timeoutMs,
            Report = report,
            ProtectedFiles = [.. kept.DistinctBy(file => file.Path)],
        });
    }

    /// <summary>The task.</summary>
    public TaskSubmission Task(TaskSubmission submission) => submission with
    {
        Kind = SubtaskKind.RepoChange,
        Plan = TaskPlan.Single,
        SnapshotRef = "sha256:" + Snapshot.Digest,
        SnapshotSha256 = Snapshot.Digest,
        AcceptanceCheck = Check,
    };
}
