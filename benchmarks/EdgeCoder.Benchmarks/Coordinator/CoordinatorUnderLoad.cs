using System.Globalization;
using System.Text.Json;
using EdgeCoder.Benchmarks.Executor;
using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Composition;
using EdgeCoder.Executor;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Listening;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Transfers;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Agents;
using EdgeCoder.Protocol.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Benchmarks.Coordinator;

/// <summary>
/// A real coordinator in this process: real Kestrel, SQLite with synchronous=FULL, one silo. Beside its own routes it has an empty JSON route on the same
/// Kestrel, the baseline. No verifier runs: what is measured ends with the stored result.
/// </summary>
internal sealed class CoordinatorUnderLoad : IAsyncDisposable
{
    public const string Account = "acct-benchmark";

    private readonly DirectoryInfo _directory;
    private readonly CoordinatorRole _role;
    private readonly CoordinatorIdentity _identity;

    private CoordinatorUnderLoad(DirectoryInfo directory, CoordinatorRole role, CoordinatorIdentity identity, string apiKey) =>
        (_directory, _role, _identity, ApiKey) = (directory, role, identity, apiKey);

    /// <summary>Submits.</summary>
    public string ApiKey { get; }

    /// <summary>Its name in signatures.</summary>
    public string PeerId => _identity.PeerId;

    /// <summary>Where it listens.</summary>
    public Uri Url => _role.Url;

    /// <summary>Starts one.</summary>
    public static async Task<CoordinatorUnderLoad> StartAsync()
    {
        var directory = Directory.CreateTempSubdirectory("edgecoder-benchmark-");
        var settings = new CoordinatorSettings { Listener = ListenerSettings.Loopback(0), DataDirectory = Path.Combine(directory.FullName, "coordinator"), VerifierSlots = 0 };
        var identity = CoordinatorIdentity.Load(new KeyFolder(settings.DataDirectory), "http://127.0.0.1:4301");
        var role = await CoordinatorRole.StartAsync(settings, identity, new ExecutorOptions { DataDirectory = directory.FullName }, TimeProvider.System, Beside, CancellationToken.None);
        var credentials = await role.ProvisionAsync(Account, CancellationToken.None);
        await role.Services.GetRequiredService<IStoreWriter>().WriteAsync(
            batch => TransferChain.Run(batch, "benchmark", new TransferRow
            {
                TransferId = TransferId.Of("benchmark", Account),
                Phase = TransferPhases.Posted,
                DebitAccountId = "mint:faucet",
                CreditAccountId = Account,
                Amount = 1L << 50,
                Code = TransferCodes.Faucet,
                Reason = "faucet",
                CreatedAtMs = 0,
            }),
            CancellationToken.None);
        return new(directory, role, identity, credentials.ApiKey);
    }

    /// <summary>An agent that is enrolled, approved and registered, on a connection of its own.</summary>
    public async Task<LoadAgent> AgentAsync(int number)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"agent-{number}");
        var key = SigningKey.Generate();
        await EnrolAsync(id, key.PublicKey.Pem);
        var agent = new LoadAgent(id, key, _identity.PeerId, Url, await LoadConnection.OpenAsync(Url));
        var (status, body) = await agent.PostAsync("/register", Registering(id, key.PublicKey.Pem));
        return status == 200 ? agent : throw new InvalidOperationException($"/register: {status} {System.Text.Encoding.UTF8.GetString(body.Span)}");
    }

    /// <summary>Enrols and approves an agent.</summary>
    public Task EnrolAsync(string agentId, string publicKeyPem) => _role.EnrolEmbeddedAsync(agentId, publicKeyPem, Account, CancellationToken.None);

    /// <summary>Body of an agent's registration.</summary>
    public static byte[] Registering(string agentId, string publicKeyPem) => JsonSerializer.SerializeToUtf8Bytes(
        new()
        {
            AgentId = agentId,
            Os = "linux",
            Version = "0.1.0",
            Mode = "swarm-only",
            PublicKeyPem = publicKeyPem,
            MaxConcurrentTasks = 64,
            SandboxMode = "namespaces",
            PowerTelemetry = new() { DeviceType = "server" },
            Models = [new("benchmark", null, 4096, "text", 10)],
        },
        MeshJson.Default.RegisterRequest);

    /// <summary>One of its parts.</summary>
    public T Service<T>()
        where T : notnull => _role.Services.GetRequiredService<T>();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _role.DisposeAsync();
        _identity.Dispose();
        _directory.Delete(recursive: true);
    }

    private static void Beside(WebApplication app) => app.MapPost("/benchmark/empty", () => Results.Json(new { ok = true })).AllowCallers(CallerKinds.Anyone);
}
