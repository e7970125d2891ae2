using System.Text;
using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Coordinators;
using EdgeCoder.Agent.Git;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Snapshots;
using EdgeCoder.Agent.Trust;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Agent.Workers;

/// <summary>
/// A change of a snapshot, through the same agent as on a person's own project (agent-executor-models 1.2): in a folder of its own, with nobody to ask. Writing
/// and running inside the sandbox are allowed, whatever would ask is refused, protected files are never changed.
/// </summary>
internal sealed class RepositoryChangeWork(SubtaskWorkParts parts)
{
    private const int UsualSteps = 20;
    private const long MostSnapshotBytes = 256L << 20;
    private const long MostTestBytes = 16L << 20;

    /// <summary>Works.</summary>
    public async Task<WorkOutcome> RunAsync(WorkOrder order, WorkerModel model, string directory, Action<WorkStep> progress, CancellationToken cancellationToken)
    {
        if (model.Agent.Window < RepositoryAgent.LeastWindow)
        {
            return new WorkOutcome.GivenBack(ReleaseReasons.Model);
        }

        // 1. The snapshot, and nothing else: its bytes are those that the digest names, in every mode.
        var root = Path.Combine(directory, "project");
        if (!await UnpackAsync(order, Path.Combine(directory, "snapshot.tar"), root, cancellationToken).ConfigureAwait(false))
        {
            return new WorkOutcome.GivenBack(ReleaseReasons.Snapshot);
        }

        if (!await PlaceTestsAsync(order, root, cancellationToken).ConfigureAwait(false))
        {
            return new WorkOutcome.GivenBack(ReleaseReasons.Check);
        }

        // 2. A private data directory: trust in this folder, its session and its worktree end with it.
        var data = Path.Combine(directory, "data");
        OwnerOnly.CreateDirectory(data);
        new TrustStore(data, parts.Time).Trust(root);
        var agent = new RepositoryAgent(new()
        {
            DataDirectory = data,
            ConfigDirectory = parts.ConfigDirectory,
            Sandbox = parts.Projects,
            Sessions = new SessionStore(data),
            Time = parts.Time,
        });

        // 3. One prompt.
        var reading = new SessionReading(progress);
        try
        {
            await using var session = await agent.BeginAsync(Task(order, root), model.Agent, NobodyToAsk.Instance, cancellationToken).ConfigureAwait(false);
            await foreach (var sessionEvent in session.PromptAsync(order.Subtask.Input, cancellationToken).ConfigureAwait(false))
            {
                reading.Read(sessionEvent);
            }

            cancellationToken.ThrowIfCancellationRequested();
            var patch = Encoding.UTF8.GetBytes(await session.Review.PatchAsync(cancellationToken).ConfigureAwait(false));
            return reading.Outcome(order.Subtask.AcceptanceCheck is not null, patch, cancelled: false);
        }
        catch (RepositoryException fault)
        {
            return fault.Code is "sandbox_unavailable" ? new WorkOutcome.GivenBack(ReleaseReasons.Sandbox)
                : fault.Code is "window_too_small" or "data_class_denied" ? new WorkOutcome.GivenBack(ReleaseReasons.Model)
                : new WorkOutcome.GivenBack(ReleaseReasons.Fault);
        }
        catch (SessionStoreException)
        {
            return new WorkOutcome.GivenBack(ReleaseReasons.Fault);
        }
    }

    /// <summary>The task as the loop takes it.</summary>
    internal static RepositoryTask Task(WorkOrder order, string root)
    {
        var check = order.Subtask.AcceptanceCheck;
        return new()
        {
            Root = root,
            DataClass = order.Subtask.DataClass == SharedDataClass.Team ? "team" : "mesh",
            Mode = ApprovalMode.Full,
            TestCommand = check?.Command is { Count: > 0 } command && check.Workdir is null ? command : null,
            Protected = [.. (check?.ProtectedFiles ?? []).Concat(check?.Files ?? []).Select(file => Exactly(file.Path)).Distinct()],
            MaxSteps = Math.Clamp(order.Subtask.Limits?.MaxSteps ?? UsualSteps, 1, 1_000),
            MaxTokens = order.Subtask.Limits?.MaxTokens is > 0 and var tokens ? tokens : null,
            RunTime = TimeSpan.FromMilliseconds(order.Subtask.TimeoutMs),
            MaxTime = TimeSpan.FromMilliseconds(order.Subtask.AttemptTimeoutMs),
        };
    }

    /// <summary>A glob that matches this path: what a glob gives a meaning to is escaped, and a brace, which cannot be, is any character.</summary>
    internal static string Exactly(string path)
    {
        var glob = new StringBuilder();
        foreach (var c in path)
        {
            _ = c switch
            {
                '*' or '?' or '[' or '\\' => glob.Append('\\').Append(c),
                '{' or '}' => glob.Append('?'),
                _ => glob.Append(c),
            };
        }

        return glob.ToString();
    }

    private static async Task<bool> UnpackAsync(WorkOrder order, string blob, string root, CancellationToken cancellationToken)
    {
        if (order.Subtask.SnapshotDigest is not { } digest)
        {
            return false;
        }

        try
        {
            await using var stream = new FileStream(blob, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous });
            if (!await BlobFetch.IntoAsync(order, digest, stream, MostSnapshotBytes, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }

            SnapshotArchive.Unpack(stream, root, digest, null, cancellationToken);
            return true;
        }
        catch (Exception fault) when (fault is CoordinatorFault or SnapshotException)
        {
            return false;
        }
    }

    /// <summary>Puts the tests that the check brings into the tree, before the work begins: they are its base and no part of the patch.</summary>
    private static async Task<bool> PlaceTestsAsync(WorkOrder order, string root, CancellationToken cancellationToken)
    {
        foreach (var file in order.Subtask.AcceptanceCheck?.Files ?? [])
        {
            try
            {
                if (SnapshotPath.WhyNot(file.Path, SnapshotLimits.Default.PathBytes) is not null
                    || await BlobFetch.BytesAsync(order, file.Sha256, MostTestBytes, cancellationToken).ConfigureAwait(false) is not { } bytes
                    || !Place(root, file.Path, bytes))
                {
                    return false;
                }
            }
            catch (CoordinatorFault)
            {
                return false;
            }
        }

        return true;
    }

    // A link of the snapshot in the way would lead the file elsewhere, if only within the tree.
    private static bool Place(string root, string path, byte[] bytes)
    {
        var at = root;
        var names = path.Split('/');
        foreach (var name in names[..^1])
        {
            at = Path.Combine(at, name);
            if (new DirectoryInfo(at) is { LinkTarget: not null } || File.Exists(at))
            {
                return false;
            }
        }

        Directory.CreateDirectory(at);
        var file = Path.Combine(at, names[^1]);
        if (new FileInfo(file).LinkTarget is not null || Directory.Exists(file))
        {
            return false;
        }

        File.WriteAllBytes(file, bytes);
        return true;
    }

    /// <summary>Whatever would ask is refused.</summary>
    private sealed class NobodyToAsk : IApprover
    {
        public static NobodyToAsk Instance { get; } = new();

        public Task<ApprovalAnswer> AskAsync(ApprovalRequest request, CancellationToken cancellationToken) => System.Threading.Tasks.Task.FromResult(ApprovalAnswer.Denied);
    }
}
