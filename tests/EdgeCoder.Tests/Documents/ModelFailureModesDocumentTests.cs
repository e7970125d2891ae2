using System.Text.RegularExpressions;
using Checkout = EdgeCoder.TestKit.Files.Repository;

namespace EdgeCoder.Tests.Documents;

/// <summary>docs/security/model-failure-modes.md names tests that exist, and has every mode of models, of services, and of editors and the extension.</summary>
public sealed partial class ModelFailureModesDocumentTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(Checkout.Root, "docs", "security", "model-failure-modes.md"));

    [Fact]
    public void Every_test_that_is_named_exists()
    {
        var tests = Directory.EnumerateFiles(Path.Combine(Checkout.Root, "tests"), "*.cs", SearchOption.AllDirectories).ToLookup(path => Path.GetFileNameWithoutExtension(path)!, StringComparer.Ordinal);
        var named = Names().Matches(Document).Select(match => (Class: match.Groups[1].Value, Method: match.Groups[2].Value)).ToList();

        Assert.True(named.Count > 30);
        Assert.Equal([], named.Where(test => !tests[test.Class].Any(path => Regex.IsMatch(File.ReadAllText(path), $@"\bpublic (static )?(async )?(Task|void) {test.Method}\("))).Select(test => $"{test.Class}.{test.Method}"));
    }

    [Fact]
    public void Every_mode_has_its_row_and_says_what_tries_it()
    {
        string[] modes = [.. Enumerable.Range(1, 9).Select(n => $"M{n}"), .. Enumerable.Range(1, 11).Select(n => $"S{n}"), "R7", "R8", "U1"];
        var rows = Rows().Matches(Document).Select(match => (Mode: match.Groups[1].Value, Tried: match.Groups[2].Value.Trim())).ToList();
        Assert.Equal(modes, rows.Select(row => row.Mode));
        Assert.DoesNotContain(rows, row => row.Tried.Length == 0);
    }

    [Fact]
    public void Every_test_of_the_extension_that_is_named_exists()
    {
        var named = Scripts().Matches(Document).Select(match => (File: match.Groups[1].Value, Name: match.Groups[2].Value)).ToList();
        Assert.True(named.Count > 8);
        Assert.Equal([], named.Where(test => !File.ReadAllText(Path.Combine(Checkout.Root, "extensions", "vscode", "test", test.File)).Contains($"test('{test.Name}'", StringComparison.Ordinal)));
    }

    [GeneratedRegex(@"`([A-Z]\w+)\.([A-Z]\w+)`")]
    private static partial Regex Names();

    [GeneratedRegex(@"`([\w.]+\.ts)` “([^”]+)”")]
    private static partial Regex Scripts();

    [GeneratedRegex(@"(?m)^\| ([A-Z]\d+) \|([^|]*)\|")]
    private static partial Regex Rows();
}
