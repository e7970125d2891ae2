using System.Net;
using EdgeCoder.Coordinator.Blobs;
using EdgeCoder.Coordinator.Escalations;
using EdgeCoder.Coordinator.Results;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Coordinator.Tests.Storage;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Tasks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCoder.Coordinator.Tests.Blobs;

public sealed class BlobRetentionTests : IAsyncLifetime
{
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    private BlobHost host = null!;
    private BlobRetention retention = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        host = await BlobHost.StartAsync(null);

        // Files have the real time, and so has the clock that begins here.
        host.Clock.SetUtcNow(TimeProvider.System.GetUtcNow());
        retention = new(host.Blobs, host.Services.GetRequiredService<IStoreWriter>(), host.Services.GetRequiredService<IDbContextFactory<CoordinatorContext>>(), new BlobOptions(), host.Clock, NullLogger<BlobRetention>.Instance);
    }

    public ValueTask DisposeAsync()
    {
        retention.Dispose();
        return host.DisposeAsync();
    }

    [Fact]
    public async Task Blob_that_nobody_names_goes_after_thirty_days_and_not_before()
    {
        var blob = await host.PutAsync(BlobHost.Submitter("account-1"), "old");
        host.Clock.Advance(Month - TimeSpan.FromMinutes(5));
        Assert.Equal(0, await retention.SweepAsync(Stop));
        Assert.Equal("old", await host.GetAsync(BlobHost.Submitter("account-1"), blob));

        host.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(1, await retention.SweepAsync(Stop));
        Assert.Equal(0, await retention.SweepAsync(Stop));
        Assert.Null(await host.GetAsync(BlobHost.Submitter("account-1"), blob));
        Assert.False(host.Blobs.Exists(blob));
    }

    [Fact]
    public async Task What_a_task_needs_stays_until_thirty_days_after_its_end()
    {
        string[] needed = [.. await Task.WhenAll(Enumerable.Range(0, 6).Select(i => host.Blobs.PutBytesAsync(new byte[] { 7, (byte)i }, Stop)))];
        await host.WriteAsync(batch =>
        {
            batch.Insert(BlankRow.Of<TaskRow>(t => (t.TaskId, t.State, t.SnapshotRef, t.SnapshotDigest) = ("t-1", TaskState.Running, "https://example.org/a.git", needed[0])));
            batch.Insert(BlankRow.Of<SubtaskRow>(s => (s.SubtaskId, s.TaskId, s.CheckJson, s.Input) = ("s-1", "t-1", $$"""{"files":[{"path":"a","sha256":"{{needed[1]}}"}]}""", $"Subtask 1 result: sha256:{needed[2]}")));
            batch.Insert(BlankRow.Of<ResultRow>(r => (r.LeaseId, r.TaskId, r.PatchDigest, r.LogsDigest) = ("l-1", "t-1", needed[3], needed[4])));
            batch.Insert(BlankRow.Of<VerdictRow>(v => (v.VerdictId, v.TaskId, v.LogsDigest) = ("v-1", "t-1", needed[5])));
        });
        host.Clock.Advance(3 * Month);
        Assert.Equal(0, await retention.SweepAsync(Stop));

        await EndAsync("t-1");
        host.Clock.Advance(Month - TimeSpan.FromMinutes(5));
        Assert.Equal(0, await retention.SweepAsync(Stop));
        Assert.All(needed, blob => Assert.True(host.Blobs.Exists(blob)));
        host.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(needed.Length, await retention.SweepAsync(Stop));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_an_open_escalation_or_audit_needs_stays_however_long_it_takes(bool audit)
    {
        var blob = await host.PutAsync(BlobHost.Submitter("account-1"), "needed");
        await host.WriteAsync(batch =>
        {
            batch.Insert(BlankRow.Of<TaskRow>(t => (t.TaskId, t.State, t.SnapshotDigest) = ("t-1", TaskState.Failed, blob)));
            if (audit)
            {
                batch.Insert(BlankRow.Of<OpenAuditRow>(a => (a.LeaseId, a.TaskId) = ("l-1", "t-1")));
            }
            else
            {
                batch.Insert(BlankRow.Of<EscalationRow>(e => (e.SubtaskId, e.TaskId, e.Phase) = ("s-1", "t-1", EscalationPhase.HumanWait)));
            }
        });
        await EndAsync("t-1");
        host.Clock.Advance(6 * Month);
        Assert.Equal(0, await retention.SweepAsync(Stop));
        await host.WriteAsync(batch =>
        {
            batch.Execute("DELETE FROM open_audits WHERE task_id = $1", "t-1");
            batch.Execute("UPDATE escalations SET phase = 'done' WHERE task_id = $1", "t-1");
        });
        Assert.Equal(1, await retention.SweepAsync(Stop));
    }

    [Fact]
    public async Task Blob_that_is_stored_or_named_again_begins_anew()
    {
        var (stored, named) = (await host.PutAsync(BlobHost.Submitter("account-1"), "stored"), await host.PutAsync(BlobHost.Submitter("account-1"), "named"));
        host.Clock.Advance(Month - TimeSpan.FromHours(1));
        await host.PutAsync(BlobHost.Submitter("account-1"), "stored");
        await host.WriteAsync(batch => Assert.True(BlobRecords.Use(batch, named, "account-1", host.Clock.GetUtcNow().ToUnixTimeMilliseconds())));
        host.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(0, await retention.SweepAsync(Stop));
        Assert.True(host.Blobs.Exists(stored) && host.Blobs.Exists(named));
    }

    [Fact]
    public async Task Account_stores_no_more_than_its_quota_and_is_told_with_a_code()
    {
        await using var small = await BlobHost.StartAsync(null, new BlobOptions { QuotaBytes = 10 });
        await small.PutAsync(BlobHost.Submitter("account-1"), "123456");
        using var over = await small.PutAsync(BlobHost.Submitter("account-1"), BlobHost.Digest("12345"), "12345");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, over.StatusCode);
        Assert.Contains("\"blob_quota_exceeded\"", await over.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        Assert.Null(await small.GetAsync(BlobHost.Submitter("account-1"), BlobHost.Digest("12345")));

        // The same bytes again are not counted twice, and another account has a quota of its own.
        await small.PutAsync(BlobHost.Submitter("account-1"), "123456");
        await small.PutAsync(BlobHost.Submitter("account-1"), "1234");
        await small.PutAsync(BlobHost.Submitter("account-2"), "12345");
    }

    private Task EndAsync(string taskId) => host.WriteAsync(batch =>
        batch.Execute("UPDATE tasks SET state = 'completed', finished_at_ms = $1 WHERE task_id = $2", host.Clock.GetUtcNow().ToUnixTimeMilliseconds(), taskId));
}
