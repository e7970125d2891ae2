using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using EdgeCoder.Coordinator.Composition;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Postgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Tests.Composition;

/// <summary>
/// All state of a coordinator is equal before and after a restart (economy-and-ledger 22 F31). Every table of the model has a decision here, found by walking the model: a new table without one fails.
/// Every table that lasts holds at least a row, of real use or made from the columns, so that nothing is compared with nothing.
/// </summary>
public sealed class RestartTests
{
    /// <summary>What a restart may do to a table.</summary>
    private enum Fate
    {
        /// <summary>Every row is the same.</summary>
        Same,

        /// <summary>Every row is still there and the same; others may have come.</summary>
        Grows,

        /// <summary>Its rows are of the process that wrote them.</summary>
        OfTheProcess,
    }

    // A start writes to the log, tells of itself, and projects what it finds; all else stands still while nobody asks.
    private static readonly Dictionary<string, Fate> Decisions = new(StringComparer.Ordinal)
    {
        ["AccountMembershipRow"] = Fate.Same, ["AccountRow"] = Fate.Same, ["AdminAuditRow"] = Fate.Grows, ["AdminTokenRow"] = Fate.Same, ["AgentDiagnosticRow"] = Fate.Same, ["AgentKeyRow"] = Fate.Same,
        ["AgentOwnershipRow"] = Fate.Same, ["AgentRow"] = Fate.Same, ["AgentSightingRow"] = Fate.Same, ["AgentStrikeRow"] = Fate.Same, ["AnchorRecordRow"] = Fate.Same, ["ApiKeyRow"] = Fate.Same,
        ["AuditWindowRow"] = Fate.Same, ["BehaviourFindingRow"] = Fate.Same, ["BlacklistAppealRow"] = Fate.Same, ["BlacklistEntryRow"] = Fate.Same, ["BlacklistEventRow"] = Fate.Same,
        ["BlacklistEvidenceRow"] = Fate.Same, ["BlacklistReportRow"] = Fate.Same, ["BlobHolderRow"] = Fate.Same, ["ComputeContributionReportRow"] = Fate.Same, ["CoordinatorSwitchRow"] = Fate.Same,
        ["CustodyEventRow"] = Fate.Same, ["EnrolmentRow"] = Fate.Same, ["EscalationRow"] = Fate.Same, ["FeeEventRow"] = Fate.Same, ["HeartbeatGapRow"] = Fate.Same, ["HumanEscalationRow"] = Fate.Same,
        ["IdempotencyKeyRow"] = Fate.Same, ["IssuanceAllocationRow"] = Fate.Same, ["IssuanceEpochRow"] = Fate.Same, ["KeyChangeRow"] = Fate.Same, ["LeaseChargeRow"] = Fate.Same, ["LeaseRow"] = Fate.Same,
        ["LogCheckpointRow"] = Fate.Grows, ["LogCosignatureRow"] = Fate.Same, ["LogEquivocationRow"] = Fate.Same, ["LogEventRow"] = Fate.OfTheProcess, ["LogLeafRow"] = Fate.Grows, ["LogMirrorRow"] = Fate.Same,
        ["MirrorLeafRow"] = Fate.Same, ["ModelManifestRow"] = Fate.Same, ["NonceRow"] = Fate.Same, ["OfflineAllowanceRow"] = Fate.Same, ["OfflineTransactionRow"] = Fate.Same, ["OpenAuditRow"] = Fate.Same, ["OperatorAuditHeadRow"] = Fate.Same,
        ["PaymentIntentRow"] = Fate.Same, ["PayoutEventRow"] = Fate.Same, ["PeerKeyRow"] = Fate.Same, ["PeerRow"] = Fate.Same, ["PeerScoreRow"] = Fate.Same, ["PriceEpochRow"] = Fate.Same,
        ["PriceQuoteRow"] = Fate.Same, ["ProjectedAccrualRow"] = Fate.Grows, ["ProjectedNodeRow"] = Fate.OfTheProcess, ["ProjectionCursorRow"] = Fate.OfTheProcess, ["QuarantineReviewRow"] = Fate.Same,
        ["QuorumLedgerRecordRow"] = Fate.Same, ["RecheckChargeRow"] = Fate.Same, ["RecheckRow"] = Fate.Same, ["ResultRow"] = Fate.Same, ["SecurityEventRow"] = Fate.Grows, ["SiloRow"] = Fate.OfTheProcess,
        ["SiloTableRow"] = Fate.OfTheProcess, ["SubtaskRow"] = Fate.Same, ["TaskChargeRow"] = Fate.Same, ["TaskEventRow"] = Fate.Same, ["TaskRow"] = Fate.Same, ["TransferRow"] = Fate.Same,
        ["TreasuryPolicyRow"] = Fate.Same, ["VerdictRow"] = Fate.Same, ["WalletAccountRow"] = Fate.Same, ["WalletSendRow"] = Fate.Same, ["WitnessStateRow"] = Fate.Same,
    };

    // What people are told is the same too, wherever it is kept in memory.
    private static readonly string[] Reads =
    [
        "/credits/acct-b/balance", "/credits/acct-b/history", "/credits/accounts/acct-b/agents", "/credits/users/bea/accounts", "/admin/credits", "/economy/wallets/acct-b", "/wallets/acct-b", "/economy/payouts", "/economy/treasury",
        "/economy/price/current", "/economy/issuance/current", "/economy/issuance/history", "/mesh/reputation", "/admin/keys", "/security/blacklist", "/security/blacklist/audit", "/ledger/equivocations",
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task Every_table_is_the_same_after_a_restart(StoreKind kind)
    {
        using var directory = new TemporaryDirectory();
        using var agent = SigningKey.Generate();
        var database = kind == StoreKind.Sqlite ? null : await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync();
        var (identity, role) = await ComposedCoordinator.StartAsync(directory["data"], null, databaseUrl: database);
        using (identity)
        {
            await using (role)
            {
                await UseAsync(role, agent);
            }
        }

        // What real use did not leave is made from the columns, in the store that nobody has open.
        await using var store = Open(directory["data"], database);
        var before = await FillAsync(store);
        var decided = before.Keys.ToHashSet(StringComparer.Ordinal);
        Assert.Equal("", string.Join(", ", decided.Except(Decisions.Keys).Concat(Decisions.Keys.Except(decided))));

        string? told = null;
        for (var time = 0; time < 2; time++)
        {
            (identity, role) = await ComposedCoordinator.StartAsync(directory["data"], null, databaseUrl: database);
            using (identity)
            {
                await using (role)
                {
                    await role.Services.GetRequiredService<LogKeeper>().SettleAsync(Stop);
                    var answers = await ReadAsync(role);
                    Assert.Equal(told ?? answers, answers);
                    told = answers;
                }
            }

            var after = await ReadAsync(store);
            var differences = string.Join('\n', Decisions.SelectMany(one => Differences(one.Key, one.Value, before[one.Key], after[one.Key])));
            Assert.True(differences.Length == 0, differences);
            before = after;
        }
    }

    // Money, agents, bans, peers and switches as their routes write them.
    private static async Task UseAsync(CoordinatorRole role, SigningKey agent)
    {
        var owner = await role.ProvisionAsync("acct-owner", Stop);
        await role.EnrolEmbeddedAsync("agent-a", agent.PublicKey.Pem, "acct-owner", Stop);
        await SendAsync(role, "/credits/accounts", """{"accountId":"acct-b","displayName":"Bea","ownerUserId":"bea"}""", ("Idempotency-Key", "one"));
        await SendAsync(role, "/credits/acct-b/adjust", $$"""{"transferId":"{{new string('1', 32)}}","credits":50,"direction":"in","reason":"as agreed in ticket 7"}""");
        await SendAsync(role, "/economy/payables/acct-b/adjust", $$"""{"transferId":"{{new string('2', 32)}}","amountMsat":5000,"direction":"in","reason":"as agreed in ticket 7"}""");
        await SendAsync(role, "/economy/wallets/register", """{"accountId":"acct-b","walletType":"lightning"}""");
        var nowMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        await SendAsync(
            role, "/security/blacklist",
            $$"""{"agentId":"agent-b","reasonCode":"manual_review","reason":"by a test","reportedBy":"op-1","reporterId":"op-1","timestampMs":{{nowMs}},"evidenceHashSha256":"{{new string('a', 64)}}"}""");
        using var peer = SigningKey.Generate();
        await role.Services.GetRequiredService<Coordinator.Peers.PeerDesk>().ApproveAsync(new("coord-far", peer.PublicKey.Pem, "https://coord-far.invalid", null, null), "op-1", Stop);
        await role.Services.GetRequiredService<LogKeeper>().SettleAsync(Stop);
        Assert.NotEmpty(owner.ApiKey);
    }

    private static async Task SendAsync(CoordinatorRole role, string path, string body, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient { BaseAddress = role.Url };
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("x-admin-token", ComposedCoordinator.AdminToken);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var answer = await http.SendAsync(request, Stop);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Stop));
    }

    private static async Task<string> ReadAsync(CoordinatorRole role)
    {
        using var http = new HttpClient { BaseAddress = role.Url };
        http.DefaultRequestHeaders.Add("x-admin-token", ComposedCoordinator.AdminToken);
        var all = new StringBuilder();
        foreach (var path in Reads)
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), Stop);
            var text = await answer.Content.ReadAsStringAsync(Stop);
            Assert.True(answer.IsSuccessStatusCode, path + " " + text);
            all.Append(path).Append(' ').AppendLine(text);
        }

        return all.ToString();
    }

    private static ServiceProvider Open(string directory, string? database) => new ServiceCollection().AddLogging().AddStore(StoreSettings.From(database, directory)).BuildServiceProvider();

    private static async Task<Dictionary<string, List<string>>> FillAsync(ServiceProvider store)
    {
        var found = await ReadAsync(store);
        await using (var context = await store.GetRequiredService<IDbContextFactory<CoordinatorContext>>().CreateDbContextAsync(Stop))
        {
            foreach (var type in context.Model.GetEntityTypes().Where(type => found[type.ClrType.Name].Count == 0 && Decisions.GetValueOrDefault(type.ClrType.Name) != Fate.OfTheProcess))
            {
                context.Add(Made(type));
            }

            await context.SaveChangesAsync(Stop);
        }

        found = await ReadAsync(store);
        Assert.Equal("", string.Join(", ", found.Where(one => one.Value.Count == 0 && Decisions.GetValueOrDefault(one.Key) != Fate.OfTheProcess).Select(one => one.Key)));
        return found;
    }

    // Of now, so that nothing is too old to be kept; every text its table's name, so that it belongs to nothing else.
    private static object Made(IEntityType type)
    {
        var row = RuntimeHelpers.GetUninitializedObject(type.ClrType);
        foreach (var property in type.GetProperties())
        {
            if (property.IsNullable || property.PropertyInfo is not { } member)
            {
                continue;
            }

            object value = Type.GetTypeCode(member.PropertyType) switch
            {
                _ when member.PropertyType.IsEnum => Enum.GetValues(member.PropertyType).GetValue(Enum.GetValues(member.PropertyType).Length - 1)!,
                _ when member.PropertyType == typeof(byte[]) => "kept"u8.ToArray(),
                TypeCode.String => Json(member.Name) ?? "kept-" + type.GetTableName(),
                // A claim is of the process that holds it; a fee of one sat would leave nothing of the purchase.
                TypeCode.Int64 when member.Name is "ClaimUntilMs" or "FeeSats" => 0L,
                TypeCode.Int64 when member.Name.EndsWith("Ms", StringComparison.Ordinal) => TimeProvider.System.GetUtcNow().AddDays(3).ToUnixTimeMilliseconds(),
                TypeCode.Int64 => 1L,
                TypeCode.Int32 => 1,
                TypeCode.Boolean => true,
                TypeCode.Double => 1.0,
                _ => throw new InvalidOperationException($"{type.ClrType.Name}.{member.Name} has a type without a value here: {member.PropertyType}."),
            };
            member.SetValue(row, value);
        }

        return row;
    }

    private static string? Json(string name) => name.EndsWith("Json", StringComparison.Ordinal) ? "{}" : null;

    private static async Task<Dictionary<string, List<string>>> ReadAsync(ServiceProvider store)
    {
        await using var context = await store.GetRequiredService<IDbContextFactory<CoordinatorContext>>().CreateDbContextAsync(Stop);
        await context.Database.OpenConnectionAsync(Stop);
        var all = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var type in context.Model.GetEntityTypes())
        {
            await using var command = context.Database.GetDbConnection().CreateCommand();
            command.CommandText = $"SELECT * FROM \"{type.GetTableName()}\"";
            await using var reader = await command.ExecuteReaderAsync(Stop);
            List<string> rows = [];
            while (await reader.ReadAsync(Stop))
            {
                rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetName(i) + "=" + (reader.GetValue(i) is byte[] bytes ? Convert.ToHexString(bytes) : Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture)))));
            }

            all.Add(type.ClrType.Name, rows);
        }

        return all;
    }

    private static IEnumerable<string> Differences(string table, Fate fate, List<string> before, List<string> after) => fate switch
    {
        Fate.OfTheProcess => [],
        Fate.Grows => before.Except(after).Select(row => $"{table} lost {row}"),
        _ => before.Except(after).Select(row => $"{table} lost {row}").Concat(after.Except(before).Select(row => $"{table} has a new {row}")),
    };
}
