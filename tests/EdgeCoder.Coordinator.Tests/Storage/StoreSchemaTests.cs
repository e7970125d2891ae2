using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.TestKit.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Tests.Storage;

/// <summary>A store made by one version of the tables is refused or brought forward by another, never read as something that it is not: so its number follows the tables.</summary>
public sealed class StoreSchemaTests
{
    // The version with the fingerprints of its create scripts. A change of the tables gets a new number in StoreSchema and a new line here; a line that a program was
    // shipped with is never edited.
    private static readonly Dictionary<int, (string Sqlite, string PostgreSql)> Known = new()
    {
        [1] = ("d7d8e390494c0fd2", "1da55aa010476fc6"),
    };

    [Fact]
    public void Tables_of_the_model_are_those_of_the_version()
    {
        var made = (Fingerprint(Script(StoreKind.Sqlite)), Fingerprint(Script(StoreKind.PostgreSql)));

        Assert.True(
            Known.TryGetValue(StoreSchema.Version, out var known) && known == made,
            $"The create scripts are not those of version {StoreSchema.Version}: a store made before does not fit this program. Raise StoreSchema.Version, say how older stores go on, and add [{StoreSchema.Version + 1}] = {made}.");
    }

    [Fact]
    public void Another_column_is_another_fingerprint()
    {
        var script = Script(StoreKind.Sqlite);
        var at = script.IndexOf("\" TEXT NOT NULL", StringComparison.Ordinal);

        Assert.NotEqual(Fingerprint(script), Fingerprint(script.Insert(at, "_2")));
        Assert.Equal(Fingerprint(script), Fingerprint(script.Replace("\n", "\r\n")));
    }

    private static string Script(StoreKind kind)
    {
        using var directory = new TemporaryDirectory();

        // A script is made without a server.
        var settings = kind == StoreKind.Sqlite ? StoreSettings.InFile(directory["store.db"]) : StoreSettings.OnServer("Host=127.0.0.1;Port=1;Database=none;Username=none");
        using var services = new ServiceCollection().AddLogging().AddStore(settings).BuildServiceProvider();
        using var context = services.GetRequiredService<IDbContextFactory<CoordinatorContext>>().CreateDbContext();
        return context.Database.GenerateCreateScript();
    }

    private static string Fingerprint(string script) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(script.ReplaceLineEndings("\n"))))[..16];
}
