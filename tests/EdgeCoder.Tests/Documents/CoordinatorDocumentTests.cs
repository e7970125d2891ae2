using System.Text.RegularExpressions;
using EdgeCoder.Commands;
using Checkout = EdgeCoder.TestKit.Files.Repository;

namespace EdgeCoder.Tests.Documents;

/// <summary>docs/coordinator.md writes commands as the program takes them. What they do is tried in the system tests (DocumentedCommandsTests).</summary>
public sealed partial class CoordinatorDocumentTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Checkout.Root, "docs", "coordinator.md"));

    public static TheoryData<string> Commands()
    {
        var lines = Blocks().Matches(Document).Where(block => block.Groups[1].Length == 0).SelectMany(block => block.Groups[2].Value.Split('\n'))
            .Concat(Spans().Matches(Document.Replace("\\|", "|", StringComparison.Ordinal)).Select(span => span.Groups[1].Value));
        return [.. lines.Select(line => Command().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value.Split(" #")[0].Split(" | ")[0].Trim()).Distinct()];
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_command_is_taken_as_it_is_written(string command) =>
        Assert.Empty(CommandLine.Build(Surroundings.OfProcess()).Parse(Words().Matches(command).Select(word => word.Value.Trim('"')).ToArray()).Errors);

    [Fact]
    public void Commands_are_found_and_a_wrong_one_would_be_seen()
    {
        Assert.True(Commands().Count > 12);
        Assert.NotEmpty(CommandLine.Build(Surroundings.OfProcess()).Parse(["node", "enrol", "lab-7"]).Errors);
    }

    [Fact]
    public void Every_command_about_tasks_is_in_the_table()
    {
        var table = Document[Document.IndexOf("| Command | Does |", StringComparison.Ordinal)..].Split("\n\n")[0];
        Assert.All(["submit", "status", "result", "explain", "cancel", "escalations", "account"], command => Assert.Contains($"| `{command} ", table, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"(?ms)^```(\w*)\n(.*?)^```$")]
    private static partial Regex Blocks();

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Spans();

    [GeneratedRegex(@"(?:^|\s)edgecoder (\S.*)$")]
    private static partial Regex Command();

    [GeneratedRegex(@"""[^""]*""|\S+")]
    private static partial Regex Words();
}
