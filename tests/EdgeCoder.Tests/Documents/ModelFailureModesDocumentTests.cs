using System.Text.RegularExpressions;
using Checkout = EdgeCoder.TestKit.Files.Repository;

namespace EdgeCoder.Tests.Documents;

/// <summary>docs/security/model-failure-modes.md names tests that exist, and every mode of models.</summary>
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
    public void Every_mode_of_models_has_its_row() =>
        Assert.Equal(Enumerable.Range(1, 9).Select(n => $"M{n}"), Rows().Matches(Document).Select(match => match.Groups[1].Value).Where(mode => mode[0] == 'M'));

    [GeneratedRegex(@"`([A-Z]\w+)\.([A-Z]\w+)`")]
    private static partial Regex Names();

    [GeneratedRegex(@"(?m)^\| ([A-Z]\d+) \|")]
    private static partial Regex Rows();
}
