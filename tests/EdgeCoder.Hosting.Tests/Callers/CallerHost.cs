using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Credentials;
using EdgeCoder.Hosting.Listening;
using EdgeCoder.Hosting.Signatures;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Hosting.Tests.Storage;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Problems;
using EdgeCoder.Protocol.Signatures;
using EdgeCoder.TestKit.Files;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Hosting.Tests.Callers;

/// <summary>A role with one route of each kind, over a real Kestrel on a free port and a real store. Its clock is the test's; addresses are what a trusted proxy would say.</summary>
internal sealed class CallerHost : IAsyncDisposable, IAgentKeys, IPeerKeys, ILiveLeases
{
    public const string PeerId = "coord-3816af993b3d";
    public const string MeshToken = "mesh-token-of-at-least-32-characters";
    public const string PortalToken = "portal-token-of-at-least-32-characters";
    public const string AdminToken = "admin-token-of-at-least-32-characters";

    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    private readonly WebApplication _app;

    private CallerHost(string directory, FakeTimeProvider? time, Func<CallerHost, CredentialOptions>? credentials, SignatureOptions? options, bool store)
    {
        Time = time ?? new(Start);
        var builder = ListenerExtensions.CreateRoleBuilder(ListenerSettings.Loopback(0));
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.Services.AddSingleton<IAgentKeys>(this).AddSingleton<IPeerKeys>(this).AddSingleton<ILiveLeases>(this);
        var tokens = credentials?.Invoke(this) ?? CredentialOptions.From(MeshToken, PortalToken, AdminToken);
        if (store)
        {
            builder.Services.AddStore<SampleContext>(StoreSettings.InFile(Path.Combine(directory, "callers.db")));
            builder.Services.AddCallers<SampleContext>(new(PeerId), tokens, options ?? new());
        }
        else
        {
            builder.Services.AddCallers(new(PeerId), tokens, options ?? new());
        }

        _app = builder.Build();
        _app.UseProblems(NullLogger.Instance);
        _app.Use(next => context =>
        {
            if (context.Request.Headers["x-test-address"].ToString() is { Length: > 0 } address)
            {
                context.Connection.RemoteIpAddress = IPAddress.Parse(address);
            }

            return next(context);
        });
        _app.UseCallers();
        Map();
    }

    public FakeTimeProvider Time { get; }

    public Dictionary<string, VerifyingKey> Agents { get; } = [];

    public Dictionary<string, VerifyingKey> Peers { get; } = [];

    public HashSet<(string Agent, string Lease)> Leases { get; } = [];

    /// <summary>Requests that reached their route.</summary>
    public int Reached { get; private set; }

    public HttpClient Client { get; private set; } = null!;

    public IStoreWriter Writer => _app.Services.GetRequiredService<IStoreWriter>();

    public INonces Nonces => _app.Services.GetRequiredService<INonces>();

    public static async Task<CallerHost> StartAsync(
        TemporaryDirectory directory, FakeTimeProvider? time = null, Func<CallerHost, CredentialOptions>? credentials = null, SignatureOptions? options = null, bool store = true)
    {
        var host = new CallerHost(directory.Path, time, credentials, options, store);
        await host._app.StartAsync(TestContext.Current.CancellationToken);
        host.Client = new HttpClient { BaseAddress = host._app.ListensOn()[0] };
        return host;
    }

    public SampleContext Context() => _app.Services.GetRequiredService<IDbContextFactory<SampleContext>>().CreateDbContext();

    /// <summary>A request signed as the client does it.</summary>
    public HttpRequestMessage Signed(HttpMethod method, string pathAndQuery, string? body, SigningKey key, string keyId, string audience = PeerId, TimeProvider? time = null)
    {
        using var signer = new RequestSigner(key, keyId, audience, time ?? Time);
        var bytes = Encoding.UTF8.GetBytes(body ?? "");
        var headers = signer.Sign(RequestTarget.Of(method.Method, new Uri(Client.BaseAddress!, pathAndQuery)), ContentDigest.Of(bytes));
        var request = new HttpRequestMessage(method, pathAndQuery) { Content = body is null ? null : new ByteArrayContent(bytes) };
        request.Headers.TryAddWithoutValidation(ContentDigest.Header, headers.ContentDigest);
        request.Headers.TryAddWithoutValidation(SignatureHeaders.Input, headers.SignatureInput);
        request.Headers.TryAddWithoutValidation(SignatureHeaders.Signature, headers.Signature);
        return request;
    }

    /// <summary>Sends and gives status, error, reason and the whole text.</summary>
    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            var problem = response.IsSuccessStatusCode ? null : JsonSerializer.Deserialize(text, MeshJson.Default.Problem);
            return new((int)response.StatusCode, problem?.Error, problem?.Reason, text, (int?)response.Headers.RetryAfter?.Delta?.TotalSeconds);
        }
    }

    public Task<Answer> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(method, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return SendAsync(request);
    }

    ValueTask<VerifyingKey?> IAgentKeys.FindAsync(string agentId, CancellationToken cancellationToken) => new(Agents.GetValueOrDefault(agentId));

    ValueTask<IReadOnlyList<string>> IAgentKeys.AccountsAsync(string agentId, CancellationToken cancellationToken) => new([$"owner-of-{agentId}"]);

    ValueTask<IReadOnlyList<VerifyingKey>> IPeerKeys.FindAsync(string peerId, CancellationToken cancellationToken) => new(Peers.TryGetValue(peerId, out var key) ? [key] : []);

    ValueTask<bool> ILiveLeases.HoldsAnyAsync(string agentId, IReadOnlyList<string> leaseIds, CancellationToken cancellationToken) => new(leaseIds.Any(lease => Leases.Contains((agentId, lease))));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private void Map()
    {
        string Reach(HttpContext context)
        {
            Reached++;
            var caller = context.Caller();
            return $"{caller.Kind} {caller.Name} [{string.Join(',', caller.Accounts)}] [{string.Join(',', caller.Tenants)}] {Encoding.UTF8.GetString(context.ReceivedBody().Span)}";
        }

        _app.MapPost("/pull", Reach).AllowCallers(CallerKinds.Agent);
        _app.MapPost("/result", async (HttpContext context, IStoreWriter writer, CancellationToken stop) =>
        {
            await writer.WriteAsync(
                batch =>
                {
                    batch.Insert(new SampleRow { Id = Guid.NewGuid().ToString() });
                    return true;
                },
                stop);
            return Reach(context);
        }).AllowCallers(CallerKinds.Agent).CommitsNonceWithChanges();
        _app.MapPost("/nothing", Reach).AllowCallers(CallerKinds.Agent).CommitsNonceWithChanges();
        _app.MapPost("/work", (HttpContext context) =>
        {
            context.ForgiveRequest();
            return Reach(context);
        }).AllowCallers(CallerKinds.Agent);
        _app.MapPost("/register", Reach).AllowCallers(CallerKinds.Agent).WithMetadata(new KeyInBody());
        _app.MapGet("/agents/{agentId}/things", Reach).AllowCallers(CallerKinds.Agent);
        _app.MapPost("/leases/{leaseId}/release", Reach).AllowCallers(CallerKinds.Agent);
        _app.MapPost("/mesh/ingest", Reach).AllowCallers(CallerKinds.Peer);
        _app.MapPost("/tasks", Reach).AllowCallers(CallerKinds.Submitter | CallerKinds.MeshService | CallerKinds.PortalService);
        _app.MapGet("/tasks/{id}", Reach).AllowCallers(CallerKinds.Submitter | CallerKinds.MeshService | CallerKinds.PortalService | CallerKinds.Operator);
        _app.MapGet("/agents/{id}/explain", Reach).AllowCallers(CallerKinds.Agent | CallerKinds.Operator);
        _app.MapGet("/ops", Reach).AllowCallers(CallerKinds.Operator | CallerKinds.MeshService);
        _app.MapGet("/people", Reach).AllowCallers(CallerKinds.Operator, scope: "people");
        _app.MapPost("/debug", Reach).AllowCallers(CallerKinds.Operator | CallerKinds.MeshService, both: true);
        _app.MapGet("/service", Reach).AllowCallers(CallerKinds.MeshService);
        _app.MapGet("/portal", Reach).AllowCallers(CallerKinds.PortalService);
        _app.MapGet("/open", Reach).AllowCallers(CallerKinds.Anyone);
        _app.MapGet("/health", Reach).AllowCallers(CallerKinds.Anyone | CallerKinds.Operator);
        _app.MapGet("/unguarded", () => "never");
        _app.MapPut("/blobs/{sha256}", async (string sha256, HttpContext context) =>
        {
            Reached++;
            var actual = Convert.ToHexStringLower(await SHA256.HashDataAsync(context.Request.Body, context.RequestAborted));
            return actual == sha256 ? Results.NoContent() : Results.Conflict();
        }).AllowCallers(CallerKinds.Agent).WithMetadata(new StreamedBody());
    }
}

/// <summary>What came back.</summary>
internal sealed record Answer(int Status, string? Error, string? Reason, string Text, int? RetryAfter);
