using EdgeCoder.Executor;
using EdgeCoder.TestKit.Files;
using Checkout = EdgeCoder.TestKit.Files.Repository;

namespace EdgeCoder.Tests.Documents;

/// <summary>docs/security/platforms.md claims nothing that the program does not say of itself.</summary>
public sealed class PlatformsDocumentTests
{
    private static readonly string[] Rows = [.. File.ReadLines(Path.Combine(Checkout.Root, "docs", "security", "platforms.md")).Where(line => line.StartsWith("| ", StringComparison.Ordinal))];

    [Fact]
    public void Only_what_is_available_here_is_called_tested() =>
        Assert.Equal(["Linux, x86-64"], Rows.Where(row => row.EndsWith("| tested |", StringComparison.Ordinal)).Select(row => row.Split('|')[1].Trim()));

    [Fact]
    public async Task What_the_program_calls_untested_is_untested_in_the_table()
    {
        using var data = new TemporaryDirectory();
        var report = await ExecutorProbe.RunAsync(new ExecutorOptions { DataDirectory = data.Path }, TestContext.Current.CancellationToken);
        var untested = report.Attempts.Where(attempt => attempt.Reason.EndsWith("untested", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, untested.Count);
        Assert.All(untested, attempt => Assert.Contains(Rows, row => row.Contains($"| `{attempt.Backend}` | untested |", StringComparison.Ordinal)));
    }
}
