using EdgeCoder.Coordinator.Blobs;
using EdgeCoder.Coordinator.Leases;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Coordinator.Tests.Storage;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Leases;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Listeners;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Blobs;

/// <summary>The routes of blobs on a real listener. Who calls is what the test says: credentials are another part's.</summary>
internal sealed class BlobHost : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly SigningKey _key = SigningKey.Generate();
    private readonly WebApplication _app;

    private BlobHost(StoreSettings? store)
    {
        var builder = LoopbackApp.NewBuilder(Clock);
        builder.Services.AddStore(store ?? StoreSettings.From(null, _directory.Path)).AddBlobs(_directory.Path);
        builder.Services.AddSingleton(_ => new LeaseSecrets(_key));
        _app = builder.Build();
        _app.UseProblems(NullLogger.Instance);
        _app.Use((context, next) =>
        {
            context.Features.Set(Caller);
            return next();
        });
        _app.UseRouting();
        _app.MapBlobs();
    }

    public FakeTimeProvider Clock { get; } = new(DateTimeOffset.FromUnixTimeMilliseconds(1_000_000));

    public Caller Caller { get; set; } = Submitter("account-1");

    public HttpClient Http { get; private set; } = null!;

    public BlobStore Blobs => _app.Services.GetRequiredService<BlobStore>();

    public static Caller Submitter(string account) => new() { Kind = CallerKinds.Submitter, Name = "key", Accounts = [account] };

    public static Caller Agent(string id, params string[] accounts) => new() { Kind = CallerKinds.Agent, Name = id, Accounts = accounts };

    /// <summary>Starts it on a store, or on a file of its own.</summary>
    public static async Task<BlobHost> StartAsync(StoreSettings? store)
    {
        var host = new BlobHost(store);
        await host._app.StartAsync(TestContext.Current.CancellationToken);
        host.Http = new() { BaseAddress = new(host._app.Urls.First()) };
        return host;
    }

    /// <summary>Stores bytes as a caller does and gives their digest.</summary>
    public async Task<string> PutAsync(Caller caller, string content)
    {
        var sha256 = Digest(content);
        using var answer = await PutAsync(caller, sha256, content);
        answer.EnsureSuccessStatusCode();
        return sha256;
    }

    public async Task<HttpResponseMessage> PutAsync(Caller caller, string sha256, string content)
    {
        Caller = caller;
        using var body = new StringContent(content);
        return await Http.PutAsync($"/blobs/{sha256}", body, TestContext.Current.CancellationToken);
    }

    /// <summary>What a caller reads; null when it is told that there is none.</summary>
    public async Task<string?> GetAsync(Caller caller, string sha256)
    {
        Caller = caller;
        using var answer = await Http.GetAsync($"/blobs/{sha256}", TestContext.Current.CancellationToken);
        if (answer.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            Assert.Contains("blob_not_found", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            return null;
        }

        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A task of an account with one subtask and a live lease of an agent on it.</summary>
    public Task LeaseAsync(string account, string agent, Action<TaskRow>? task = null, Action<SubtaskRow>? subtask = null, Action<LeaseRow>? lease = null) => WriteAsync(batch =>
    {
        var id = Guid.NewGuid().ToString();
        batch.Insert(BlankRow.Of<TaskRow>(row =>
        {
            (row.TaskId, row.AccountId) = ("t-" + id, account);
            task?.Invoke(row);
        }));
        batch.Insert(BlankRow.Of<SubtaskRow>(row =>
        {
            (row.SubtaskId, row.TaskId) = ("s-" + id, "t-" + id);
            subtask?.Invoke(row);
        }));
        batch.Insert(BlankRow.Of<LeaseRow>(row =>
        {
            (row.LeaseId, row.SubtaskId, row.TaskId, row.AgentId, row.Purpose, row.State, row.DeadlineMs) = ("l-" + id, "s-" + id, "t-" + id, agent, LeasePurpose.Work, LeaseState.Live, 1_060_000);
            lease?.Invoke(row);
        }));
    });

    public Task WriteAsync(Action<IStoreBatch> operation) => _app.Services.GetRequiredService<IStoreWriter>().WriteAsync(
        batch =>
        {
            operation(batch);
            return true;
        },
        TestContext.Current.CancellationToken);

    public static string Digest(string content) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(content)));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        _key.Dispose();
        _directory.Dispose();
    }
}
