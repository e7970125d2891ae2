using CsCheck;
using EdgeCoder.Hosting.Storage;
using Npgsql;

namespace EdgeCoder.Hosting.Tests.Storage;

public sealed class StoreSettingsTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("  ")]
    public void Without_a_database_url_the_store_is_a_file_of_the_data_directory(string? url)
    {
        var settings = StoreSettings.From(url, "/data", "coordinator");
        Assert.Equal((StoreKind.Sqlite, "/data/coordinator.db"), (settings.Kind, settings.File));
    }

    [Theory]
    [InlineData("postgres://u:p%40ss@db.example:5433/name?sslmode=verify-full", "db.example", 5433, "name", "u", "p@ss", SslMode.VerifyFull)]
    [InlineData("postgresql://u@[::1]/name", "::1", 5432, "name", "u", null, SslMode.Prefer)]
    [InlineData("postgres:///name?host=/run/postgres&user=u", "/run/postgres", 5432, "name", "u", null, SslMode.Prefer)]
    [InlineData("postgres://u:p@/name?host=/run/postgres&port=6000", "/run/postgres", 6000, "name", "u", "p", SslMode.Prefer)]
    [InlineData("Host=h;Port=6;Database=d;Username=u;Password=p;SSL Mode=Require", "h", 6, "d", "u", "p", SslMode.Require)]
    public void Url_and_connection_string_read_alike(string url, string host, int port, string database, string user, string? password, SslMode ssl)
    {
        var settings = StoreSettings.From(url, "/data");
        var read = new NpgsqlConnectionStringBuilder(settings.ConnectionString);
        Assert.Equal(StoreKind.PostgreSql, settings.Kind);
        Assert.Equal((host, port, database, user, password, ssl), (read.Host, read.Port, read.Database, read.Username, read.Password, read.SslMode));
    }

    [Theory]
    [InlineData("postgres://u@h/d", StoreSettings.ReadConnections)]
    [InlineData("Host=h;Database=d", StoreSettings.ReadConnections)]
    [InlineData("Host=h;Database=d;Minimum Pool Size=30", 30)]
    [InlineData("postgres://u@h/d?pool_max_conns=7", 7)]
    [InlineData("Host=h;Database=d;Maximum Pool Size=100", 100)]
    [InlineData("Host=h;Database=d;MaxPoolSize=8", 8)]
    public void Connections_of_a_process_are_bounded_as_the_operator_says_or_by_default(string url, int most) =>
        Assert.Equal(most, new NpgsqlConnectionStringBuilder(StoreSettings.From(url, "/data").ConnectionString).MaxPoolSize);

    [Theory]
    [InlineData("postgres://u:hunter2@host:notaport/db")]
    [InlineData("postgres://u:hunter2@host/db?pool_max_conns=hunter2")]
    [InlineData("postgres://u:hunter2@host/")]
    [InlineData("postgres://u:hunter2@host/db?sslmode=hunter2")]
    [InlineData("postgres://u:hunter2@host/db?unknown=hunter2")]
    [InlineData("mysql://u:hunter2@host/db")]
    [InlineData("Host=h;Database=d;Nonsense=hunter2")]
    [InlineData("Host=h;Password=hunter2")]
    public void Value_that_cannot_be_read_is_refused_without_repeating_it(string url)
    {
        var fault = Assert.Throws<FormatException>(() => StoreSettings.From(url, "/data"));
        Assert.StartsWith("DATABASE_URL", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", fault.ToString().Split(" at ")[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Every_password_of_a_url_arrives_and_none_is_printed() =>
        Gen.String[Gen.Char[' ', '~'], 1, 20].Sample(password =>
        {
            var settings = StoreSettings.From($"postgres://user:{Uri.EscapeDataString(password)}@host/database", "/data");
            return new NpgsqlConnectionStringBuilder(settings.ConnectionString).Password == password && settings.ToString() == "PostgreSQL";
        });

    [Theory]
    [InlineData("LeaseRow", "leases")]
    [InlineData("ApiKeyRow", "api_keys")]
    [InlineData("RegistryEntryRow", "registry_entries")]
    [InlineData("NonceRow", "nonces")]
    [InlineData("AddressRow", "addresses")]
    [InlineData("LogEventRow", "log_events")]
    public void Table_has_the_plural_of_its_row(string row, string table) => Assert.Equal(table, StoreNaming.Table(row));
}
