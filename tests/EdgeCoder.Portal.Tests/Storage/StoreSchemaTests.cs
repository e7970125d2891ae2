using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Composition;
using EdgeCoder.TestKit.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Tests.Storage;

/// <summary>As for the coordinator: the number of the schema follows the tables.</summary>
public sealed class StoreSchemaTests
{
    private static readonly Dictionary<int, (string Sqlite, string PostgreSql)> Known = new()
    {
        [1] = ("6c6a0578373bae31", "5ef4419093123e1f"),
    };

    [Fact]
    public void Tables_of_the_model_are_those_of_the_version()
    {
        var made = (Fingerprint(StoreKind.Sqlite), Fingerprint(StoreKind.PostgreSql));
        Assert.True(
            Known.TryGetValue(StoreSchema.Version, out var known) && known == made,
            $"The create scripts are not those of version {StoreSchema.Version}. Raise StoreSchema.Version, say how older stores go on, and add [{StoreSchema.Version + 1}] = {made}.");
    }

    private static string Fingerprint(StoreKind kind)
    {
        using var directory = new TemporaryDirectory();
        var settings = kind == StoreKind.Sqlite ? StoreSettings.InFile(directory["store.db"]) : StoreSettings.OnServer("Host=127.0.0.1;Port=1;Database=none;Username=none", "portal");
        using var services = new ServiceCollection().AddLogging().AddStore<PortalContext>(settings).BuildServiceProvider();
        using var context = services.GetRequiredService<IDbContextFactory<PortalContext>>().CreateDbContext();
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(context.Database.GenerateCreateScript().ReplaceLineEndings("\n"))))[..16];
    }
}
