using System.Globalization;
using System.Text;
using EdgeCoder.Coordinator.Composition;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Payments;
using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Statistics;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Executor;
using EdgeCoder.Hosting.Credentials;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Listening;
using EdgeCoder.Hosting.Signatures;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.TestKit.Files;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Tests.Composition;

/// <summary>The whole coordinator as <c>edgecoder up</c> composes it, on a free port, with every secret configured. No verifier runs: nothing but requests changes rows.</summary>
public sealed class ComposedCoordinator : IAsyncLifetime
{
    public const string AdminToken = "admin-token-of-the-contract-0123456789";
    public const string MeshToken = "mesh-token-of-the-contract-01234567890";
    public const string PortalToken = "portal-token-of-the-contract-012345678";
    public const string ServiceToken = "service-token-of-the-contract-01234567";

    private static readonly string[] Secrets = [AdminToken, MeshToken, PortalToken, ServiceToken];

    private readonly TemporaryDirectory _directory = new();
    private CoordinatorIdentity? _identity;
    private CoordinatorRole? _role;

    internal CoordinatorRole Role => _role!;

    internal string PeerId => _identity!.PeerId;

    /// <summary>An agent whose key is bound and who is approved.</summary>
    internal SigningKey Approved { get; } = SigningKey.Generate();

    /// <summary>One whose key is bound, that nobody has approved.</summary>
    internal SigningKey Waiting { get; } = SigningKey.Generate();

    /// <summary>A key of the account.</summary>
    internal string ApiKey { get; private set; } = "";

    /// <summary>What no answer may contain.</summary>
    internal IReadOnlyList<string> NeverShown => [.. Secrets, ApiKey, _identity!.Key.ToPem().Split('\n')[1]];

    public async ValueTask InitializeAsync()
    {
        (_identity, _role) = await StartAsync(_directory["data"], null);
        ApiKey = (await Role.ProvisionAsync("acct-owner", CancellationToken.None)).ApiKey;
        await Role.EnrolEmbeddedAsync("agent-approved", Approved.PublicKey.Pem, "acct-owner", CancellationToken.None);
        await Role.EnrolEmbeddedAsync("agent-waiting", Waiting.PublicKey.Pem, "acct-owner", CancellationToken.None);
        await Role.Services.GetRequiredService<IStoreWriter>().WriteAsync(batch => batch.Execute("UPDATE agents SET approved = $1 WHERE agent_id = 'agent-waiting'", false), CancellationToken.None);

        // What that wrote is in the log now: from here on only requests change rows.
        await Role.Services.GetRequiredService<LogKeeper>().SettleAsync(CancellationToken.None);
    }

    /// <summary>Starts one, with routes of the test beside its own, verifiers, or a clock of leases that the test moves.</summary>
    internal static async Task<(CoordinatorIdentity Identity, CoordinatorRole Role)> StartAsync(string directory, Action<WebApplication>? beside, int verifiers = 0, QueueClock? clock = null, PaymentSettings? payments = null, StatisticsSettings? statistics = null, string? databaseUrl = null)
    {
        var settings = new CoordinatorSettings
        {
            Listener = ListenerSettings.Loopback(0),
            DataDirectory = directory,
            AdminToken = AdminToken,
            MeshToken = MeshToken,
            PortalToken = PortalToken,
            PortalServiceToken = ServiceToken,
            AgentRateLimit = 10_000,
            VerifierSlots = verifiers,
            Payments = payments ?? new(),
            Statistics = statistics ?? new(),
            DatabaseUrl = databaseUrl,
        };
        var identity = CoordinatorIdentity.Load(new KeyFolder(directory), "http://127.0.0.1:4301");
        return (identity, await CoordinatorRole.StartAsync(settings, identity, new ExecutorOptions { DataDirectory = directory }, TimeProvider.System, beside, CancellationToken.None, clock));
    }

    /// <summary>
    /// Written by a timer some seconds after a request of an agent, perhaps of the test before: not what a request changed. Who compares it all the same flushes it first.
    /// </summary>
    internal const string WrittenLater = "agent_sightings";

    /// <summary>Every row of every table, but nonces, the audit of operators and what the silo says of itself.</summary>
    internal async Task<string> DumpAsync(params string[] besides)
    {
        await using var context = await Role.Services.GetRequiredService<IDbContextFactory<CoordinatorContext>>().CreateDbContextAsync();
        var left = new[] { typeof(NonceRow), typeof(AdminAuditRow) };
        await context.Database.OpenConnectionAsync();
        var dump = new StringBuilder();
        foreach (var table in context.Model.GetEntityTypes().Where(type => !left.Contains(type.ClrType)).Select(type => type.GetTableName()!).Where(table => !besides.Contains(table)).Order(StringComparer.Ordinal))
        {
            dump.Append("== ").AppendLine(table);
            await using var command = context.Database.GetDbConnection().CreateCommand();
            command.CommandText = $"SELECT * FROM \"{table}\"";
            await using var reader = await command.ExecuteReaderAsync();
            List<string> rows = [];
            while (await reader.ReadAsync())
            {
                rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetName(i) + "=" + (reader.GetValue(i) is byte[] bytes ? Convert.ToHexString(bytes) : Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture)))));
            }

            rows.Sort(StringComparer.Ordinal);
            rows.ForEach(row => dump.AppendLine(row));
        }

        return dump.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await Role.DisposeAsync();
        _identity!.Dispose();
        Approved.Dispose();
        Waiting.Dispose();
        _directory.Dispose();
    }
}
