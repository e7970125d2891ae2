using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Agent.Snapshots;
using EdgeCoder.Agent.Tests.Rechecks;
using EdgeCoder.Agent.Rechecks;
using EdgeCoder.Executor;
using EdgeCoder.Executor.Commands;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Results;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Files;

[assembly: AssemblyFixture(typeof(VerifierBench))]

namespace EdgeCoder.Agent.Tests.Rechecks;

/// <summary>The real verifier with this machine's sandboxes; blobs in memory. One for the whole run: the canaries run once.</summary>
public sealed class VerifierBench : IAsyncDisposable
{
    private readonly TemporaryDirectory data = new();
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, byte[]> blobs = new();
    private readonly CodeExecutor executor;

    public VerifierBench()
    {
        var options = new ExecutorOptions { DataDirectory = data.Path };
        executor = CodeExecutor.Create(options);
        Recheck = new Recheck
        {
            Executor = executor,
            Sandbox = new ProjectSandbox(options),
            Blobs = new FrozenBlobs(digest => blobs.TryGetValue(digest, out var bytes) ? new MemoryStream(bytes) : null),
            Scratch = data["scratch"],
        };
    }

    internal Recheck Recheck { get; }

    internal Task<RecheckFinding> VerifyAsync(RecheckSubject subject) => Recheck.RunAsync(subject, TestContext.Current.CancellationToken);

    public string Put(byte[] bytes)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(bytes));
        blobs[digest] = bytes;
        return digest;
    }

    public string Put(string text) => Put(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\n")));

    public CheckFile File(string path, string text) => new(path, Put(text));

    /// <summary>Packs files as a snapshot and gives its digest.</summary>
    public string Snapshot(params (string Path, string Text)[] files)
    {
        using var tree = new TemporaryDirectory();
        foreach (var (path, text) in files)
        {
            tree.Write(path, text.ReplaceLineEndings("\n"));
        }

        using var blob = new MemoryStream();
        SnapshotArchive.Pack(tree.Path, blob, SnapshotSelection.Whole, null, TestContext.Current.CancellationToken);
        return Put(blob.ToArray());
    }

    /// <summary>An honest signer's report around whatever the worker hands in.</summary>
    internal static RecheckSubject Subject(SubtaskKind kind, AcceptanceCheck? check, ResultReport result, string? snapshot = null, string language = "python", int baseline = 0)
    {
        var report = result with { Ok = result.Ok ?? true, CheckDigest = "c", SnapshotDigest = snapshot };
        return new RecheckSubject
        {
            Kind = kind,
            Language = language,
            Check = check,
            CheckDigest = "c",
            SnapshotDigest = snapshot,
            BaselineTests = baseline,
            Report = report with { ResultDigest = ResultDigest.Of(report) },
        };
    }

    public async ValueTask DisposeAsync()
    {
        await executor.DisposeAsync();
        data.Dispose();
    }
}
