using System.Text.RegularExpressions;
using Checkout = EdgeCoder.TestKit.Files.Repository;

namespace EdgeCoder.Tests.Documents;

/// <summary>docs/security/coordinator-failure-modes.md names tests that exist, and every mode.</summary>
public sealed partial class FailureModesDocumentTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Checkout.Root, "docs", "security", "coordinator-failure-modes.md"));

    [Fact]
    public void Every_test_that_is_named_exists()
    {
        var tests = Directory.EnumerateFiles(Path.Combine(Checkout.Root, "tests"), "*.cs", SearchOption.AllDirectories).ToLookup(path => Path.GetFileNameWithoutExtension(path)!, StringComparer.Ordinal);
        var named = Names().Matches(Document).Select(match => (Class: match.Groups[1].Value, Method: match.Groups[2].Value)).ToList();

        Assert.True(named.Count > 80);
        Assert.Equal([], named.Where(test => !tests[test.Class].Any(path => Regex.IsMatch(File.ReadAllText(path), $@"\bpublic (static )?(async )?(Task|void) {test.Method}\("))).Select(test => $"{test.Class}.{test.Method}"));
    }

    [Fact]
    public void Every_mode_of_the_contract_has_its_row_and_says_what_tries_it_or_why_nothing_does()
    {
        string[] modes = [.. Modes('I', 10), .. Modes('W', 14), .. Modes('V', 7), .. Modes('S', 4), .. Modes('M', 8)];
        var rows = Rows().Matches(Document).Select(match => (Mode: match.Groups[1].Value, Tried: match.Groups[2].Value.Trim(), Left: match.Groups[3].Value.Trim())).ToList();

        Assert.Equal(modes, rows.Select(row => row.Mode));
        Assert.DoesNotContain(rows, row => row.Tried.Length == 0 && row.Left.Length == 0);

        static IEnumerable<string> Modes(char letter, int last) => Enumerable.Range(1, last).Select(n => $"{letter}{n}");
    }

    [GeneratedRegex(@"`([A-Z]\w+)\.([A-Z]\w+)`")]
    private static partial Regex Names();

    [GeneratedRegex(@"(?m)^\| ([A-Z]\d+) \|(.*)\|(.*)\|$")]
    private static partial Regex Rows();
}
