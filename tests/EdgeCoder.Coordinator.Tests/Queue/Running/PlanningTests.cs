using EdgeCoder.Coordinator.Planning;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Decompositions;
using EdgeCoder.Protocol.Tasks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using static EdgeCoder.Coordinator.Tests.Queue.Running.RunningQueue;

namespace EdgeCoder.Coordinator.Tests.Queue.Running;

/// <summary>Plans that others make (coordinator-and-mesh 4.1).</summary>
public sealed class PlanningTests : IAsyncLifetime
{
    private RunningQueue _queue = null!;

    public async ValueTask InitializeAsync() => _queue = await StartAsync();

    public ValueTask DisposeAsync() => _queue.DisposeAsync();

    [Fact]
    public async Task A_plan_becomes_subtasks_with_their_dependencies()
    {
        await SubmitAutoAsync();
        Assert.True(await Planner(Answers(Plan([null, 0]))).PlanNextAsync(Stop));
        Assert.Equal("planned", await _queue.StateAsync("task-1"));
        Assert.Equal(1, await _queue.CountAsync("SELECT COUNT(*) FROM subtasks WHERE state = 'queued'"));
        Assert.Equal(1, await _queue.CountAsync("SELECT COUNT(*) FROM subtasks WHERE state = 'blocked'"));
        Assert.Single((await _queue.Enrol("agent-1").PullAsync()).Assignments);
    }

    [Fact]
    public async Task A_cyclic_plan_is_asked_for_once_more_and_then_is_one_subtask()
    {
        await SubmitAutoAsync();
        var planner = Answers(Plan([1, 0]), Plan([5, null]));
        await Planner(planner).PlanNextAsync(Stop);
        Assert.Equal(2, planner.Asked);
        Assert.Equal(1, await _queue.CountAsync("SELECT COUNT(*) FROM subtasks"));
        Assert.Equal(30_000, await _queue.CountAsync("SELECT timeout_ms FROM subtasks"));
    }

    [Fact]
    public async Task Without_an_inference_service_the_task_waits_and_fails_after_ten_minutes_with_its_reservation_back()
    {
        await SubmitAutoAsync();
        var planner = Planner(new ScriptedPlanner([]));
        Assert.True(await planner.PlanNextAsync(Stop));
        Assert.Equal("inference_service_unavailable", await _queue.ReadAsync("SELECT waiting_for FROM tasks"));
        Assert.False(await planner.PlanNextAsync(Stop));
        _queue.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.True(await planner.PlanNextAsync(Stop));
        Assert.Equal("submitted", await _queue.StateAsync("task-1"));
        _queue.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.True(await planner.PlanNextAsync(Stop));
        Assert.Equal("failed", await _queue.StateAsync("task-1"));
        Assert.Equal(0, (await _queue.ChargesAsync("task-1")).Reserved);
    }

    [Fact]
    public async Task A_plan_that_comes_after_the_cancel_changes_nothing()
    {
        await SubmitAutoAsync();
        var planner = new ScriptedPlanner([Plan([null])], () => _queue.Queue.CancelAsync("task-1", "no", Stop));
        await Planner(planner).PlanNextAsync(Stop);
        Assert.Equal("cancelled", await _queue.StateAsync("task-1"));
        Assert.Equal(0, await _queue.CountAsync("SELECT COUNT(*) FROM subtasks"));
    }

    // As an HTTP client does whose own time is over. It comes once for each of the planner's four lanes, so that without any of them nothing is planned.
    [Fact]
    public async Task Calls_that_end_as_cancelled_by_themselves_do_not_end_the_planner()
    {
        foreach (var n in Enumerable.Range(1, 4))
        {
            await _queue.SubmitAsync(new() { TaskId = $"task-{n}", Prompt = "Do two things.", Kind = SubtaskKind.SingleStep });
        }

        var calls = 0;
        var script = new ScriptedPlanner([], () => Interlocked.Increment(ref calls) <= 4 ? Task.FromCanceled(new CancellationToken(canceled: true)) : Task.CompletedTask);
        using var planner = Planner(script);
        await planner.StartAsync(Stop);
        await CalledAsync(4);
        _queue.Time.Advance(TimeSpan.FromMinutes(3)); // the claims lapse
        await CalledAsync(5);
        await planner.StopAsync(Stop);

        async Task CalledAsync(int times)
        {
            while (Volatile.Read(ref calls) < times)
            {
                Assert.False(planner.ExecuteTask!.IsCompleted, "the planner has ended");
                _queue.Services.GetRequiredService<QueueSignals>().Planning.Beat();
                await Task.Yield();
            }
        }
    }

    [Theory]
    [InlineData("10.1.2.3", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.20.0.1", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("2002:0a00:0001::", false)]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    public void A_snapshot_is_fetched_from_public_addresses_only(string address, bool allowed) => Assert.Equal(allowed, SnapshotFetch.IsPublic(System.Net.IPAddress.Parse(address)));

    private static DecomposeAnswer Plan(int?[] dependsOn) => new()
    {
        Subtasks = [.. dependsOn.Select((on, i) => new DecomposedSubtask { TaskId = "task-1", Kind = SubtaskKind.SingleStep, Input = $"part {i}", Language = "python", TimeoutMs = 5000, SubtaskIndex = i, DependsOn = on is { } at ? [new(null, at)] : null })],
    };

    private static ScriptedPlanner Answers(params DecomposeAnswer[] answers) => new(answers);

    private Task<TaskAccepted> SubmitAutoAsync() => _queue.SubmitAsync(new() { TaskId = "task-1", Prompt = "Do two things.", Kind = SubtaskKind.SingleStep });

    private TaskPlanner Planner(ScriptedPlanner planner)
    {
        var services = _queue.Services;
        return new(
            services.GetRequiredService<IStoreWriter>(), services.GetRequiredService<IDbContextFactory<CoordinatorContext>>(), planner, new SnapshotFetch(services.GetRequiredService<BlobStore>()),
            services.GetRequiredService<QueueSignals>(), services.GetRequiredService<QueueEffects>(), services.GetRequiredService<QueueClock>(), NullLogger<TaskPlanner>.Instance);
    }

    private sealed class ScriptedPlanner(DecomposeAnswer[] answers, Func<Task>? before = null) : IPlanner
    {
        public int Asked { get; private set; }

        public async Task<DecomposeAnswer> DecomposeAsync(DecomposeRequest request, CancellationToken cancellationToken)
        {
            if (before is not null)
            {
                await before();
            }

            return Asked < answers.Length ? answers[Asked++] : throw new HttpRequestException("Nobody answers.");
        }
    }
}
