using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Blacklists;
using EdgeCoder.Coordinator.Operators;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.SecurityEvents;
using EdgeCoder.Coordinator.Status;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Credentials;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Signatures;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Signatures;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Listeners;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Agents;

/// <summary>The agents' part of a coordinator on a real listener and a real store, with the test's clock. Its timers do not run: tests run their rounds.</summary>
internal sealed class AgentHost : IAsyncDisposable
{
    public const string AdminToken = "admin-token-of-the-tests-0123456789";
    public const string MeshToken = "mesh-token-of-the-tests-01234567890";
    public const string PortalToken = "portal-token-of-the-tests-012345678";
    public const string PeerId = "coord-tests";

    private readonly WebApplication _app;
    private readonly TemporaryDirectory? _owned;
    private readonly CoordinatorIdentity _identity;

    private AgentHost(WebApplication app, TemporaryDirectory? owned, CoordinatorIdentity identity, RecordingQueue queue, FakeTimeProvider time) =>
        (_app, _owned, _identity, Queue, Time) = (app, owned, identity, queue, time);

    public RecordingQueue Queue { get; }

    public FakeTimeProvider Time { get; }

    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public CoordinatorIdentity Identity => _identity;

    public AgentDirectory Directory => Get<AgentDirectory>();

    public AgentWatch Watch => Get<AgentWatch>();

    public static async Task<AgentHost> StartAsync(AgentOptions? options = null, string? dataDirectory = null, FakeTimeProvider? time = null, StoreSettings? store = null, string peerId = PeerId)
    {
        var owned = dataDirectory is null ? new TemporaryDirectory() : null;
        var clock = time ?? new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var queue = new RecordingQueue();
        var identity = new CoordinatorIdentity(peerId, peerId == PeerId ? SigningKey.FromSeed(new byte[32]) : SigningKey.Generate(), "http://127.0.0.1:4301");
        var builder = LoopbackApp.NewBuilder(clock);
        builder.Services.AddStore(store ?? StoreSettings.From(null, dataDirectory ?? owned!.Path));
        builder.Services.AddCallers<CoordinatorContext>(new SignatureAudience(peerId), CredentialOptions.From(MeshToken, PortalToken, AdminToken), new SignatureOptions());
        builder.Services.AddSingleton(_ => identity);
        builder.Services.AddSingleton<ITaskQueue>(queue);
        builder.Services.AddAgents(options ?? new());
        builder.Services.Remove(builder.Services.Last(d => d.ServiceType == typeof(IHostedService)));
        var app = builder.Build();
        app.UseProblems(NullLogger.Instance);
        app.UseRouting();
        app.UseCallers();
        app.UseAgentSightings();
        app.MapAgents();
        app.MapOperators();
        app.MapBlacklists();
        app.MapSecurityEvents();
        app.MapStatus();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new(app, owned, identity, queue, clock);
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>An agent with a new key that is not known to the coordinator.</summary>
    public TestAgent Stranger(string agentId) => new(this, agentId, SigningKey.Generate());

    /// <summary>An enrolled agent that has registered, approved unless told otherwise.</summary>
    public async Task<TestAgent> EnrolAsync(string agentId, bool approved = true, string owner = "owner-1", SigningKey? key = null)
    {
        var agent = key is null ? Stranger(agentId) : new TestAgent(this, agentId, key);
        var enrolled = await OperateAsync("/admin/nodes/enroll", new { nodeId = agentId, ownerAccountId = owner });
        agent.Token = (string?)enrolled["registrationToken"];
        var answer = await agent.RegisterAsync();
        Assert.Equal(200, answer.Status);
        if (approved)
        {
            await OperateAsync($"/admin/agents/{agentId}/approval", new { approved = true });
        }

        return agent;
    }

    public async Task<JsonNode> OperateAsync(string path, object body)
    {
        var answer = await SendAsync(HttpMethod.Post, path, body, ("x-admin-token", AdminToken));
        Assert.True(answer.Status == 200, $"{path}: {answer.Status} {answer.Body}");
        return answer.Body!;
    }

    public async Task<JsonNode> ReadAsync(string path)
    {
        var answer = await SendAsync(HttpMethod.Get, path, null, ("x-admin-token", AdminToken));
        Assert.True(answer.Status == 200, $"{path}: {answer.Status} {answer.Body}");
        return answer.Body!;
    }

    public async Task<Reply> SendAsync(HttpMethod method, string path, object? body, params (string Name, string Value)[] headers)
    {
        using var client = new HttpClient { BaseAddress = Address };
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = body is string text ? new StringContent(text, Encoding.UTF8, "application/json") : JsonContent.Create(body);
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Reply.OfAsync(await client.SendAsync(request, TestContext.Current.CancellationToken));
    }

    /// <summary>Every row of every table but nonces and the audit of operators, which note any request.</summary>
    public async Task<string> DumpAsync()
    {
        await using var context = await Get<IDbContextFactory<CoordinatorContext>>().CreateDbContextAsync(TestContext.Current.CancellationToken);
        await context.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        var dump = new StringBuilder();
        foreach (var table in context.Model.GetEntityTypes().Select(t => t.GetTableName()!).Where(t => t is not ("nonces" or "admin_audits")).Order(StringComparer.Ordinal))
        {
            dump.Append("== ").AppendLine(table);
            await using var command = context.Database.GetDbConnection().CreateCommand();
            command.CommandText = $"SELECT * FROM \"{table}\"";
            await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
            List<string> rows = [];
            while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            {
                rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetName(i) + "=" + Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture))));
            }

            rows.Sort(StringComparer.Ordinal);
            rows.ForEach(r => dump.AppendLine(r));
        }

        return dump.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _identity.Dispose();
        _owned?.Dispose();
    }
}

/// <summary>An answer of the host.</summary>
internal sealed record Reply(int Status, JsonNode? Body, string Text)
{
    public string? Error => (string?)Body?["error"];

    public string? Reason => (string?)Body?["reason"];

    public static async Task<Reply> OfAsync(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            JsonNode? body;
            try
            {
                body = text.Length == 0 ? null : JsonNode.Parse(text);
            }
            catch (JsonException)
            {
                body = null;
            }

            return new((int)response.StatusCode, body, text);
        }
    }
}

/// <summary>An agent that signs its requests as the protocol says.</summary>
internal sealed class TestAgent(AgentHost host, string agentId, SigningKey key)
{
    public string AgentId => agentId;

    public SigningKey Key { get; set; } = key;

    public string? Token { get; set; }

    /// <summary>What it registers with besides id and key.</summary>
    public JsonObject Registration(Action<JsonObject>? change = null)
    {
        var body = new JsonObject
        {
            ["agentId"] = agentId,
            ["os"] = "linux",
            ["version"] = "0.1.0",
            ["mode"] = "swarm-only",
            ["publicKeyPem"] = Key.PublicKey.Pem,
            ["maxConcurrentTasks"] = 2,
            ["sandboxMode"] = "namespaces",
            ["models"] = new JsonArray(new JsonObject { ["modelId"] = "qwen3.5:9b", ["digest"] = "d", ["provenContext"] = 4096, ["toolForm"] = "json", ["decodeTokensPerSecond"] = 20.0 }),
        };
        if (Token is not null)
        {
            body["registrationToken"] = Token;
        }

        change?.Invoke(body);
        return body;
    }

    public Task<Reply> RegisterAsync(Action<JsonObject>? change = null) => PostAsync("/register", Registration(change));

    public Task<Reply> HeartbeatAsync(Action<JsonObject>? change = null)
    {
        var body = new JsonObject { ["agentId"] = agentId, ["busySlots"] = 0, ["leases"] = new JsonArray() };
        change?.Invoke(body);
        return PostAsync("/heartbeat", body);
    }

    public Task<Reply> PostAsync(string path, JsonNode body) => SendAsync(new(HttpMethod.Post, path) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") });

    public Task<Reply> GetAsync(string path) => SendAsync(new(HttpMethod.Get, path));

    private async Task<Reply> SendAsync(HttpRequestMessage request)
    {
        using var client = new HttpClient(new RequestSigner(Key, "agent:" + agentId, host.Identity.PeerId, host.Time) { InnerHandler = new SocketsHttpHandler() }) { BaseAddress = host.Address };
        using (request)
        {
            return await Reply.OfAsync(await client.SendAsync(request, TestContext.Current.CancellationToken));
        }
    }
}
