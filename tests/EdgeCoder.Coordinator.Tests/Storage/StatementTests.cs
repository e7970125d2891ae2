using System.Data.Common;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Postgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace EdgeCoder.Coordinator.Tests.Storage;

/// <summary>Every hand-written statement of the coordinator is understood by both databases: tables, columns, syntax. No test has to run it for that.</summary>
public sealed class StatementTests
{
    private static readonly string[] Statements = [.. StatementTexts.Of(typeof(CoordinatorContext).Assembly).Concat(StatementTexts.Of(typeof(StoreContext).Assembly)).Distinct()];

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task Every_statement_is_understood(StoreKind kind) => Assert.Empty(await MisunderstoodAsync(kind, Statements));

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task Statement_with_a_wrong_name_is_found(StoreKind kind) =>
        Assert.Single(await MisunderstoodAsync(kind, ["UPDATE log_events SET at_millis = $1", "UPDATE log_events SET at_ms = $1"]));

    [Fact]
    public void Statements_are_found_in_the_assembly() => Assert.Contains("SELECT length FROM blob_holders WHERE holder = $1 AND sha256 <> $2", Statements);

    private static async Task<List<string>> MisunderstoodAsync(StoreKind kind, IReadOnlyList<string> statements)
    {
        using var directory = new TemporaryDirectory();
        var settings = kind == StoreKind.Sqlite ? StoreSettings.From(null, directory.Path) : StoreSettings.OnServer(await (await PostgresCluster.SharedAsync()).CreateDatabaseAsync());
        using var services = new ServiceCollection().AddLogging().AddStore(settings).BuildServiceProvider();
        await services.GetRequiredService<IStoreWriter>().WriteAsync(_ => true, TestContext.Current.CancellationToken);
        await using var context = services.GetRequiredService<IDbContextFactory<CoordinatorContext>>().CreateDbContext();
        await context.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        var misunderstood = new List<string>();
        for (var i = 0; i < statements.Count; i++)
        {
            await using var command = context.Database.GetDbConnection().CreateCommand();
            command.CommandText = kind == StoreKind.Sqlite ? "EXPLAIN " + statements[i] : $"PREPARE statement_{i} AS {statements[i]}";
            try
            {
                if (command is Microsoft.Data.Sqlite.SqliteCommand file)
                {
                    for (var value = 1; statements[i].Contains($"${value}", StringComparison.Ordinal); value++)
                    {
                        file.Parameters.AddWithValue($"${value}", 0);
                    }
                }

                await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            }
            catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.IndeterminateDatatype)
            {
                // The writer gives each value its type.
            }
            catch (DbException fault)
            {
                misunderstood.Add($"{fault.Message}: {statements[i]}");
            }
        }

        return misunderstood;
    }
}
