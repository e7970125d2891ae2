using System.Globalization;
using EdgeCoder.Inference.Catalogue;
using EdgeCoder.Inference.Providers;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Inference.Tests.Catalogue;

/// <summary>docs/models.md says what the program does.</summary>
public sealed class ModelsDocumentTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "models.md"));

    [Fact]
    public void Every_entry_of_the_catalogue_stands_in_it_with_its_true_size_licence_and_digest() =>
        Assert.All(ModelCatalogue.Shipped.Entries, entry =>
        {
            var row = Assert.Single(Text.Split('\n'), line => line.StartsWith($"| `{entry.ModelId}` |", StringComparison.Ordinal));
            Assert.Contains(entry.FileSizeBytes.ToString("N0", CultureInfo.InvariantCulture) + " bytes", row, StringComparison.Ordinal);
            Assert.Contains(entry.MinMemoryMB.ToString("N0", CultureInfo.InvariantCulture) + " MiB", row, StringComparison.Ordinal);
            Assert.Contains(entry.License, row, StringComparison.Ordinal);
            Assert.Contains(entry.ChecksumSha256.Hex, row, StringComparison.Ordinal);
        });

    [Fact]
    public void Every_variable_that_is_read_stands_in_it()
    {
        var asked = new HashSet<string>();
        ModelSettingsReader.Read("/data", "/nowhere", name =>
        {
            asked.Add(name);
            return null;
        });

        Assert.NotEmpty(asked);
        Assert.All(asked, name => Assert.Contains($"`{name}`", Text, StringComparison.Ordinal));
    }
}
