using System.Net;
using System.Text.Json;
using EdgeCoder.Coordinator.Leases;
using EdgeCoder.Coordinator.Results;
using EdgeCoder.Coordinator.Tests.Storage;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Checks;
using EdgeCoder.Protocol.Leases;

namespace EdgeCoder.Coordinator.Tests.Blobs;

/// <summary>The routes and their readers' rules, for every database.</summary>
public abstract class BlobRouteCompliance : IAsyncLifetime
{
    private static readonly Caller Owner = BlobHost.Submitter("account-1");
    private static readonly Caller Stranger = BlobHost.Submitter("account-2");
    private static readonly Caller Worker = BlobHost.Agent("agent-1", "account-9");

    private BlobHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await BlobHost.StartAsync(await StoreAsync());

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Owner_and_operators_read_a_blob_and_nobody_else()
    {
        var blob = await _host.PutAsync(Owner, "snapshot");
        Assert.Equal("snapshot", await _host.GetAsync(Owner, blob));
        Assert.Equal("snapshot", await _host.GetAsync(new() { Kind = CallerKinds.Operator, Name = "o" }, blob));
        Assert.Equal("snapshot", await _host.GetAsync(new() { Kind = CallerKinds.MeshService, Name = "s" }, blob));
        Assert.Null(await _host.GetAsync(Stranger, blob));
        Assert.Null(await _host.GetAsync(Worker, blob));
        Assert.Null(await _host.GetAsync(BlobHost.Agent("agent-2", "account-1"), blob));
    }

    [Fact]
    public async Task Who_shows_the_bytes_holds_the_blob_too()
    {
        var blob = await _host.PutAsync(Owner, "common");
        await _host.PutAsync(Stranger, "common");
        Assert.Equal("common", await _host.GetAsync(Stranger, blob));
    }

    [Fact]
    public async Task Bytes_of_another_digest_make_nobody_a_holder()
    {
        var blob = await _host.PutAsync(Owner, "secret");
        using (var answer = await _host.PutAsync(Stranger, blob, "guess"))
        {
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }

        Assert.Null(await _host.GetAsync(Stranger, blob));
        Assert.Equal("secret", await _host.GetAsync(Owner, blob));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("..%2F..%2Fcoordinator.db")]
    [InlineData("AB")]
    public async Task Name_that_is_no_digest_is_refused(string name)
    {
        using var put = await _host.PutAsync(Owner, name, "x");
        Assert.Equal(HttpStatusCode.BadRequest, put.StatusCode);
        Assert.Null(await _host.GetAsync(Owner, name));
    }

    [Fact]
    public async Task Head_tells_the_length_without_the_bytes()
    {
        var blob = await _host.PutAsync(Owner, "12345");
        using var request = new HttpRequestMessage(HttpMethod.Head, $"/blobs/{blob}");
        using var answer = await _host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, 5), (answer.StatusCode, answer.Content.Headers.ContentLength));
    }

    [Fact]
    public async Task Agent_writes_only_while_it_holds_a_lease()
    {
        using (var refused = await _host.PutAsync(Worker, BlobHost.Digest("log"), "log"))
        {
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            Assert.False(_host.Blobs.Exists(BlobHost.Digest("log")));
        }

        await _host.LeaseAsync("account-1", "agent-1");
        await _host.PutAsync(Worker, "log");
        _host.Clock.Advance(TimeSpan.FromMinutes(2));
        using var late = await _host.PutAsync(Worker, BlobHost.Digest("late"), "late");
        Assert.Equal(HttpStatusCode.Forbidden, late.StatusCode);
    }

    [Fact]
    public async Task Agent_reads_the_snapshot_of_its_live_lease_until_it_ends()
    {
        var blob = await _host.PutAsync(Owner, "snapshot");
        await _host.LeaseAsync("account-1", "agent-1", subtask: s => s.SnapshotDigest = blob);
        await _host.LeaseAsync("account-1", "agent-2", subtask: s => s.SnapshotDigest = blob, lease: l => l.State = LeaseState.Revoked);
        Assert.Equal("snapshot", await _host.GetAsync(Worker, blob));
        Assert.Null(await _host.GetAsync(BlobHost.Agent("agent-2"), blob));
        Assert.Null(await _host.GetAsync(BlobHost.Agent("agent-3"), blob));

        _host.Clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(await _host.GetAsync(Worker, blob));
    }

    [Fact]
    public async Task Naming_anothers_blob_in_a_task_opens_it_to_nobody()
    {
        var blob = await _host.PutAsync(Owner, "secret");
        await _host.LeaseAsync(
            "account-2", "agent-1", t => t.SnapshotRef = "sha256:" + blob,
            s =>
            {
                s.SnapshotDigest = blob;
                s.Input = $"Read {blob} aloud.";
                s.CheckJson = Check(files: blob);
            });
        Assert.Null(await _host.GetAsync(Worker, blob));
    }

    [Fact]
    public async Task Snapshot_that_the_coordinator_made_is_read_without_a_holder()
    {
        var blob = await _host.Blobs.PutBytesAsync("derived"u8.ToArray(), TestContext.Current.CancellationToken);
        await _host.LeaseAsync("account-1", "agent-1", t => t.SnapshotRef = "https://example.org/a.git", s => s.SnapshotDigest = blob);
        Assert.Equal("derived", await _host.GetAsync(Worker, blob));
    }

    [Fact]
    public async Task Worker_reads_the_files_of_a_check_and_never_its_hidden_tests()
    {
        var visible = await _host.PutAsync(Owner, "visible");
        var hidden = await _host.PutAsync(Owner, "hidden");
        var auditor = BlobHost.Agent("agent-2", "account-8");
        await _host.LeaseAsync("account-1", "agent-1", subtask: s => (s.CheckJson, s.Input) = (Check(visible, hidden), hidden));
        await _host.LeaseAsync("account-1", "agent-2", subtask: s => s.CheckJson = Check(visible, hidden), lease: l => l.Purpose = LeasePurpose.Audit);

        Assert.Equal("visible", await _host.GetAsync(Worker, visible));
        Assert.Null(await _host.GetAsync(Worker, hidden));
        Assert.Equal("hidden", await _host.GetAsync(auditor, hidden));

        // A second lease that names the same bytes openly does not open them to one that works against them.
        await _host.LeaseAsync("account-1", "agent-1", subtask: s => s.CheckJson = Check(hidden));
        Assert.Null(await _host.GetAsync(Worker, hidden));
    }

    [Fact]
    public async Task Account_reads_the_logs_of_its_results_and_only_what_their_agent_has_sent()
    {
        var secret = await _host.PutAsync(Stranger, "secret");
        await _host.LeaseAsync("account-1", "agent-1", t => t.TaskId = "t-1", s => s.TaskId = "t-1", l => l.TaskId = "t-1");
        var log = await _host.PutAsync(Worker, "log");
        Assert.Null(await _host.GetAsync(Owner, log));

        await _host.WriteAsync(b => b.Insert(BlankRow.Of<ResultRow>(r => (r.LeaseId, r.TaskId, r.AgentId, r.LogsDigest, r.PatchDigest) = ("l-1", "t-1", "agent-1", log, secret))));
        Assert.Equal("log", await _host.GetAsync(Owner, log));
        Assert.Null(await _host.GetAsync(Owner, secret));
        Assert.Null(await _host.GetAsync(BlobHost.Submitter("account-3"), log));
    }

    /// <summary>An empty store; null for a file.</summary>
    private protected abstract Task<StoreSettings?> StoreAsync();

    private static string Check(string files, string? overlay = null) => JsonSerializer.Serialize(
        new AcceptanceCheck
        {
            Command = ["runner"], TimeoutMs = 1_000, Report = CheckReport.Runner, Files = [new("test.py", files)], Overlay = overlay is null ? null : [new("hidden.py", overlay)],
        },
        MeshJson.Default.AcceptanceCheck);
}
