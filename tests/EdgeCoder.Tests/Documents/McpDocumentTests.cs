using System.Text.RegularExpressions;
using EdgeCoder.Agent.Mcp;
using EdgeCoder.TestKit.Files;
using Checkout = EdgeCoder.TestKit.Files.Repository;

namespace EdgeCoder.Tests.Documents;

/// <summary>docs/mcp.md: the lists of servers that people copy are lists that are read.</summary>
public sealed partial class McpDocumentTests
{
    [Fact]
    public void Its_list_of_servers_is_read_without_a_fault()
    {
        var blocks = Blocks().Matches(File.ReadAllText(Path.Combine(Checkout.Root, "docs", "mcp.md"))).Select(match => match.Groups[1].Value).ToList();
        using var directory = new TemporaryDirectory();
        directory.Write("config/mcp.json", Assert.Single(blocks, block => block.Contains("\"tickets\"", StringComparison.Ordinal)));
        var faults = new List<string>();
        var read = McpServerList.Read(directory["config"], directory.Path, [], faults.Add);
        Assert.Empty(faults);
        Assert.Equal(["notes", "tickets"], read.Select(entry => entry.Name));
    }

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Blocks();
}
