using System.Net.Http.Json;
using System.Text.Json;
using EdgeCoder.Coordinator.Escalations;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Status;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Tasks;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Listeners;
using EdgeCoder.TestKit.Postgres;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Escalations;

/// <summary>Escalations over a real store with their routes on a real port. The waterfall does a step only when the test says so; the clock is the test's.</summary>
internal sealed class EscalationHost : IAsyncDisposable
{
    public const string PeerId = "coord-1";
    public const string InferenceToken = "inference-token-inference-token-00";
    public const string ParentToken = "parent-token-parent-token-parent-0";
    public const string CallbackToken = "callback-token-callback-token-0000";

    private readonly WebApplication _app;

    private EscalationHost(WebApplication app, FakeTimeProvider time) => (_app, Time) = (app, time);

    public FakeTimeProvider Time { get; }

    public EscalationQueue Queue => _app.Services.GetRequiredService<EscalationQueue>();

    public EscalationStore Store => _app.Services.GetRequiredService<EscalationStore>();

    public IStoreWriter Writer => _app.Services.GetRequiredService<IStoreWriter>();

    public EscalationWaterfall Waterfall => _app.Services.GetRequiredService<EscalationWaterfall>();

    public SigningKey Key => _app.Services.GetRequiredService<CoordinatorIdentity>().Key;

    public static async Task<EscalationHost> StartAsync(TemporaryDirectory directory, EscalationSettings settings, FakeTimeProvider? time = null, StoreKind kind = StoreKind.Sqlite)
    {
        time ??= new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000));
        var store = kind == StoreKind.Sqlite ? StoreSettings.InFile(directory["coordinator.db"]) : StoreSettings.OnServer(await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync());
        var builder = LoopbackApp.NewBuilder(time);
        builder.Services.AddStore(store);
        builder.Services.AddSingleton<EscalationQueue>();
        builder.Services.AddSingleton<ITaskQueue>(p => p.GetRequiredService<EscalationQueue>());
        builder.Services.AddSingleton(_ => new CoordinatorIdentity(PeerId, SigningKey.Generate(), "http://127.0.0.1:4301"));
        builder.Services.AddEscalations(settings);

        // Steps are the test's.
        builder.Services.Remove(builder.Services.Last(d => d.ServiceType == typeof(IHostedService)));
        var app = builder.Build();
        app.UseProblems(NullLogger.Instance);
        app.UseRouting();
        app.Use(async (context, next) =>
        {
            // Credentials have tests of their own; here the caller says who it is, and the route's rule is enforced.
            var named = context.Request.Headers["x-test-caller"].ToString().Split('/');
            var caller = new Caller { Kind = Enum.Parse<CallerKinds>(named[0]), Name = named[1], Accounts = [.. named.Skip(2)] };
            if (context.GetEndpoint()?.Metadata.GetMetadata<CallerRule>() is not { } rule || (rule.Kinds & caller.Kind) == 0)
            {
                throw new Refusal(401, "caller_not_allowed", "Not on this route.");
            }

            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            context.Features.Set(caller);
            context.Features.Set(new ReceivedBody(body.ToArray()));
            await next();
        });
        app.MapEscalations();
        app.MapPullProgress();
        await app.StartAsync();
        return new(app, time);
    }

    /// <summary>A task whose only subtask has no attempt left.</summary>
    public async Task EscalateAsync(string subtaskId = "sub-1", SharedDataClass dataClass = SharedDataClass.Team, SubtaskKind kind = SubtaskKind.MicroLoop, string account = "acct-1", string failedCode = "def f():\n    return 1\n", SubtaskState state = SubtaskState.Rejected)
    {
        await Writer.WriteAsync(
            batch =>
            {
                batch.Insert(TaskOf(subtaskId, dataClass, kind, account));
                batch.Insert(SubtaskOf(subtaskId, kind, state));
                if (state == SubtaskState.Rejected)
                {
                    EscalationRecords.Open(batch, "task-" + subtaskId, subtaskId, "agent-1", "python", "write f", failedCode, ["check_failed", "expected 2, got 1"], 3, Time.GetUtcNow().ToUnixTimeMilliseconds());
                }

                return true;
            },
            TestContext.Current.CancellationToken);
    }

    /// <summary>Steps until nothing moves any more.</summary>
    public async Task WorkAsync(EscalationWaterfall? waterfall = null)
    {
        for (var i = 0; i < 40 && await (waterfall ?? Waterfall).WorkOnceAsync(TestContext.Current.CancellationToken) > 0; i++)
        {
        }
    }

    /// <summary>Another silo over the same store.</summary>
    public EscalationWaterfall OtherSilo() => ActivatorUtilities.CreateInstance<EscalationWaterfall>(_app.Services);

    public Task<EscalationRow> RowAsync(string subtaskId = "sub-1") => Store.FindAsync(subtaskId, TestContext.Current.CancellationToken)!;

    public async Task<HumanEscalationRow> HumanAsync(string subtaskId = "sub-1") => (await Store.HumanAsync((await RowAsync(subtaskId)).EscalationId, TestContext.Current.CancellationToken))!;

    public async Task<(int Status, JsonElement Body)> SendAsync(string caller, string method, string path, object? body = null)
    {
        using var client = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
        using var request = new HttpRequestMessage(new(method), path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("x-test-caller", caller);
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static TaskRow TaskOf(string subtaskId, SharedDataClass dataClass, SubtaskKind kind, string account) => new()
    {
        TaskId = "task-" + subtaskId, AccountId = account, BodySha256 = "", ProjectId = "default", DataClass = dataClass, Kind = kind, Language = "python", ResourceClass = ResourceClass.Cpu, Priority = 50,
        ModelRequired = false, SandboxRequired = false, Plan = TaskPlan.Single, Prompt = "write f", MaxAttempts = 3, EstimateMc = 0, AllowCloudReview = false, State = TaskState.Escalated, Unverified = false,
        AuditOverturned = false, Events = 0, PlanTries = 0, PlanNotBeforeMs = 0, Partition = 0, CreatedAtMs = 1, UpdatedAtMs = 1,
    };

    private static SubtaskRow SubtaskOf(string subtaskId, SubtaskKind kind, SubtaskState state) => new()
    {
        SubtaskId = subtaskId, TaskId = "task-" + subtaskId, Partition = 0, Position = 0, Kind = kind, Language = "python", State = state, Input = "write f", InputSalt = [], InputHash = "", TimeoutMs = 5_000,
        AttemptTimeoutMs = 120_000, MaxAttempts = 3, Attempts = 3, Releases = 0, Inconclusive = 0, Baseline = BaselineState.None, BaselineTests = 0, BaselineClaimUntilMs = 0, QueuedAtMs = 1, NotBeforeMs = 0, UpdatedAtMs = 1,
    };
}
