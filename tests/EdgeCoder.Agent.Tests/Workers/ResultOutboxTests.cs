using EdgeCoder.Agent.Coordinators;
using EdgeCoder.Agent.Workers;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.Protocol.Results;
using EdgeCoder.TestKit.Files;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Agent.Tests.Workers;

/// <summary>Signed reports: stored before the first post, never a second one, poison blocks nothing (coordinator-and-mesh 4.5, 10; M6).</summary>
public sealed class ResultOutboxTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_second_report_for_a_lease_is_never_made_also_after_a_restart()
    {
        Open().Store("lease-1", () => Result("lease-1", 1));

        var again = Open().Store("lease-1", () => throw new InvalidOperationException("signed twice"));

        Assert.Equal([1], again!.Report);
        Open().Close(again, null, null);
        Assert.Null(Open().Store("lease-1", () => throw new InvalidOperationException("signed twice")));
        Assert.True(Open().Knows("lease-1"));
    }

    [Fact]
    public void Leases_whose_ids_differ_in_case_alone_are_two()
    {
        Open().Store("leaseA", () => Result("leaseA", 1));
        Open().Store("leasea", () => Result("leasea", 2));

        Assert.Equal(2, Open().Waiting.Count);
    }

    [Fact]
    public void A_file_that_is_not_whole_is_set_aside_and_the_others_are_read()
    {
        Open().Store("lease-1", () => Result("lease-1", 1));
        Open().Store("lease-2", () => Result("lease-2", 2));
        var file = Directory.EnumerateFiles(_directory["waiting"]).First();
        File.WriteAllText(file, File.ReadAllText(file)[..20]);

        Assert.Single(Open().Waiting);
        Assert.True(File.Exists(file + ".bad"));
    }

    [Fact]
    public void A_crash_between_filing_and_deleting_posts_nothing_again()
    {
        var outbox = Open();
        var result = outbox.Store("lease-1", () => Result("lease-1", 1))!;
        var file = Directory.EnumerateFiles(_directory["waiting"]).Single();
        var bytes = File.ReadAllBytes(file);
        outbox.Close(result, "lease_not_held/expired", "Too late.");
        File.WriteAllBytes(file, bytes);

        Assert.Empty(Open().Waiting);
        Assert.Equal(("lease_not_held/expired", "Too late."), (Open().Filed("lease-1")!.Refusal, Open().Filed("lease-1")!.Detail));
    }

    [Fact]
    public void A_blob_stays_until_the_last_report_that_names_it_is_answered()
    {
        var outbox = Open();
        var digest = outbox.Put("log"u8);
        var one = outbox.Store("lease-1", () => Result("lease-1", 1) with { Blobs = [digest] })!;
        var two = outbox.Store("lease-2", () => Result("lease-2", 2) with { Blobs = [digest] })!;

        outbox.Close(one, null, null);
        using (var blob = outbox.OpenBlob(digest))
        {
            Assert.Equal(3, blob.Length);
        }

        outbox.Close(two, null, null);
        Assert.Empty(Directory.EnumerateFiles(_directory["blobs"]));
    }

    [Fact]
    public void Files_are_open_to_the_owner_alone()
    {
        Open().Store("lease-1", () => Result("lease-1", 1));

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Directory.EnumerateFiles(_directory["waiting"]).Single()));
    }

    [Fact]
    public async Task A_result_that_nobody_takes_holds_up_no_other_and_a_final_refusal_is_filed()
    {
        var outbox = Open();
        foreach (var id in new[] { "poison", "refused", "good" })
        {
            outbox.Store(id, () => Result(id, 1));
        }

        var home = new ScriptedHome(id => id switch
        {
            "poison" => new CoordinatorFault(500, "broken", "It breaks."),
            "refused" => new CoordinatorFault(409, "lease_not_held", "Too late.") { Reason = "expired" },
            _ => null,
        });
        var answered = System.Threading.Channels.Channel.CreateUnbounded<FiledResult>();
        var delayed = System.Threading.Channels.Channel.CreateUnbounded<string>();
        using var end = new CancellationTokenSource();
        var delivery = new ResultDelivery(outbox, home.Of, new BackOff(static () => 0.5), _time) { Answered = filed => answered.Writer.TryWrite(filed), Delayed = (result, _, _) => delayed.Writer.TryWrite(result.LeaseId) };
        var running = delivery.RunAsync(end.Token);

        var filed = new[] { await answered.Reader.ReadAsync(Cancel), await answered.Reader.ReadAsync(Cancel) }.ToDictionary(one => one.LeaseId, one => one.Refusal);
        Assert.Equal("poison", await delayed.Reader.ReadAsync(Cancel));
        await end.CancelAsync();
        await running;

        Assert.Equal("lease_not_held/expired", filed["refused"]);
        Assert.Null(filed["good"]);
        Assert.Equal("poison", Assert.Single(Open().Waiting).LeaseId);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(503)]
    [InlineData(0)]
    public async Task A_refusal_that_may_pass_keeps_the_report_and_it_is_tried_again_after_its_own_back_off(int status)
    {
        var outbox = Open();
        outbox.Store("lease-1", () => Result("lease-1", 1));
        var times = 0;
        var home = new ScriptedHome(_ => ++times == 1 ? new CoordinatorFault(status, "later", "Later.") : null);
        var answered = new TaskCompletionSource<FiledResult>();
        var delayed = new TaskCompletionSource<TimeSpan>();
        using var end = new CancellationTokenSource();
        var delivery = new ResultDelivery(outbox, home.Of, new BackOff(static () => 0.5), _time) { Answered = answered.SetResult, Delayed = (_, _, wait) => delayed.SetResult(wait) };
        var running = delivery.RunAsync(end.Token);

        Assert.Equal(TimeSpan.FromMilliseconds(1_500), await delayed.Task);
        while (!answered.Task.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        Assert.Null((await answered.Task).Refusal);
        await end.CancelAsync();
        await running;
    }

    private ResultOutbox Open() => new(_directory.Path, _time);

    private static StoredResult Result(string lease, byte mark) => new() { LeaseId = lease, SubtaskId = "s-1", HomePeerId = "coord-1", HomeUrl = "http://127.0.0.1:1", HomeKeyPem = "", Report = [mark], SignedAtMs = mark };

    /// <summary>Answers results as the test says, by lease.</summary>
    private sealed class ScriptedHome(Func<string, CoordinatorFault?> rule)
    {
        public ICoordinator Of(StoredResult result) => new Client(rule, result.LeaseId);

        private sealed class Client(Func<string, CoordinatorFault?> rule, string leaseId) : ICoordinator
        {
            public FoundCoordinator Who => throw new NotSupportedException();

            public Task<ResultAnswer> PostResultAsync(ReadOnlyMemory<byte> report, CancellationToken cancellationToken) => rule(leaseId) is { } fault ? Task.FromException<ResultAnswer>(fault) : Task.FromResult(new ResultAnswer(true, null, null));

            public Task PutBlobAsync(string sha256, Func<Stream> open, CancellationToken cancellationToken) => Task.CompletedTask;

            public Task<RegisterAnswer> RegisterAsync(RegisterRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

            public Task<HeartbeatAnswer> HeartbeatAsync(HeartbeatRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

            public Task<PullAnswer> PullAsync(PullRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

            public Task ReleaseAsync(string leaseId, string reason, CancellationToken cancellationToken) => throw new NotSupportedException();

            public Task<long> GetBlobAsync(string sha256, Stream destination, long limit, CancellationToken cancellationToken) => throw new NotSupportedException();

            public void Dispose()
            {
            }
        }
    }
}
