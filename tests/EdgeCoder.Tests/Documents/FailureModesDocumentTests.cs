using System.Text.RegularExpressions;
using Checkout = EdgeCoder.TestKit.Files.Repository;

namespace EdgeCoder.Tests.Documents;

/// <summary>The lists of failure modes in docs/security name tests that exist, and every mode.</summary>
public sealed partial class FailureModesDocumentTests
{
    [Theory]
    [InlineData("coordinator-failure-modes.md")]
    [InlineData("ledger-failure-modes.md")]
    public void Every_test_that_is_named_exists(string document)
    {
        var tests = Directory.EnumerateFiles(Path.Combine(Checkout.Root, "tests"), "*.cs", SearchOption.AllDirectories).ToLookup(path => Path.GetFileNameWithoutExtension(path)!, StringComparer.Ordinal);
        var named = Names().Matches(Read(document)).Select(match => (Class: match.Groups[1].Value, Method: match.Groups[2].Value)).ToList();

        Assert.True(named.Count > 80);
        Assert.Equal([], named.Where(test => !tests[test.Class].Any(path => Regex.IsMatch(File.ReadAllText(path), $@"\bpublic (static )?(async )?(Task|void) {test.Method}\("))).Select(test => $"{test.Class}.{test.Method}"));
    }

    [Theory]
    [InlineData("coordinator-failure-modes.md", "I10 W14 V7 S4 M8")]
    [InlineData("ledger-failure-modes.md", "F32")]
    public void Every_mode_of_the_contract_has_its_row_and_says_what_tries_it_or_why_nothing_does(string document, string last)
    {
        string[] modes = [.. last.Split(' ').SelectMany(mode => Enumerable.Range(1, int.Parse(mode.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture)).Select(n => $"{mode[0]}{n}"))];
        var rows = Rows().Matches(Read(document)).Select(match => (Mode: match.Groups[1].Value, Tried: match.Groups[2].Value.Trim(), Left: match.Groups[3].Value.Trim())).ToList();

        Assert.Equal(modes, rows.Select(row => row.Mode));
        Assert.DoesNotContain(rows, row => row.Tried.Length == 0 && row.Left.Length == 0);
    }

    private static string Read(string document) => File.ReadAllText(Path.Combine(Checkout.Root, "docs", "security", document));

    [GeneratedRegex(@"`([A-Z]\w+)\.([A-Z]\w+)`")]
    private static partial Regex Names();

    [GeneratedRegex(@"(?m)^\| ([A-Z]\d+) \|(.*)\|(.*)\|$")]
    private static partial Regex Rows();
}
