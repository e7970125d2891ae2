using System.Text;
using System.Text.RegularExpressions;
using CsCheck;
using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Ignores;
using EdgeCoder.Agent.Search;
using EdgeCoder.Agent.Tests.Files;

namespace EdgeCoder.Agent.Tests.Search;

public sealed class SearchFilesToolTests : IDisposable
{
    private readonly Project _project = new();

    public void Dispose() => _project.Dispose();

    [Fact]
    public async Task Matches_have_path_line_and_context()
    {
        _project.Write("src/a.py", "import os\r\ndef parse_date(text):\r\n    return text\r\n");
        _project.Write("src/b.js", "parse_date(1)");
        _project.Write("build/c.py", "parse_date");
        _project.Write("x.bin", [.. "parse_date"u8, 0]);
        _project.Write(".gitignore", "build/");
        Assert.Equal("src/a.py:2: def parse_date(text):\nsrc/b.js:1: parse_date(1)\n[2 matching lines in 2 of 4 files]", await _project.TextAsync("search_files", new { pattern = @"parse_date\(" }));
        Assert.Equal("src/a.py-1- import os\nsrc/a.py:2: def parse_date(text):\nsrc/a.py-3-     return text\n--\n[1 matching lines in 1 of 1 files]", await _project.TextAsync("search_files", new { pattern = "parse_date", include = "*.py", context = 1 }));
        Assert.StartsWith("src/b.js:1:", await _project.TextAsync("search_files", new { pattern = "^parse_date", path = "src" }));
        Assert.StartsWith("src/a.py:2:", await _project.TextAsync("search_files", new { pattern = ":$", path = "src/a.py" }));
        Assert.Contains("[2 matching", await _project.TextAsync("search_files", new { pattern = "PARSE_date", ignore_case = true }));
    }

    [Fact]
    public async Task All_matches_are_counted_and_the_first_are_shown_in_order()
    {
        for (var i = 0; i < 30; i++)
        {
            _project.Write($"f{i:00}.txt", string.Concat(Enumerable.Range(0, 10).Select(line => $"needle {i} {line}\n")));
        }

        var text = await _project.TextAsync("search_files", new { pattern = "needle" });
        Assert.EndsWith("[50 of 300 matching lines shown, in 30 of 30 files; narrow the pattern, path or include]", text);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"f{i / 10:00}.txt:{(i % 10) + 1}: needle {i / 10} {i % 10}"), text.Split('\n')[..50]);
    }

    [Theory]
    [InlineData("foo(", "not a regular expression")]
    [InlineData(@"(?=x)", "look-around")]
    [InlineData(@"(a)\1", "backreference")]
    [InlineData("a\nb", "line end")]
    [InlineData("", "characters")]
    public async Task Pattern_that_cannot_be_searched_is_told(string pattern, string reason) =>
        Assert.Contains(reason, await _project.RefusalAsync("search_files", new { pattern }));

    [Fact]
    public async Task A_pattern_that_would_backtrack_for_ever_ends()
    {
        _project.Write("a.txt", new string('a', 1 << 20) + "!");
        Assert.Contains("[no match in 1 files]", await _project.TextAsync("search_files", new { pattern = "(a+)+$" }));
    }

    [Fact]
    public async Task Long_lines_are_shown_around_the_match()
    {
        _project.Write("min.js", new string('x', 100_000) + "needle" + new string('y', 100_000));
        var text = await _project.TextAsync("search_files", new { pattern = "needle" });
        Assert.Contains("needle", text);
        Assert.InRange(text.Length, 300, 600);
    }

    [Fact]
    public async Task Links_are_not_followed_and_a_search_ends_in_a_circle()
    {
        _project.Write("a/x.txt", "needle");
        Directory.CreateSymbolicLink(_project["a/loop"], "..");
        await File.WriteAllTextAsync(Path.Combine(_project.Outside, "out.txt"), "needle", TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(_project["out.txt"], Path.Combine(_project.Outside, "out.txt"));
        Assert.Equal("a/x.txt:1: needle\n[1 matching lines in 1 of 1 files]", await _project.TextAsync("search_files", new { pattern = "needle" }));
    }

    [Fact]
    public async Task Cancellation_ends_a_search_and_time_does_with_a_word_about_it()
    {
        _project.Write("a.txt", "needle");
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FileSearch.RunAsync(Files(), new() { Pattern = "needle" }, cancelled.Token));
        var outcome = await FileSearch.RunAsync(Files(), new() { Pattern = "needle", Time = TimeSpan.Zero }, TestContext.Current.CancellationToken);
        Assert.True(outcome.OutOfTime);
    }

    [Fact]
    public async Task A_slow_search_does_not_hold_up_another_one()
    {
        _project.Write("slow/a.txt", string.Concat(Enumerable.Repeat("abcdefghijklmnopqrstuvwxyz ", 400_000)));
        _project.Write("quick/a.txt", "needle");
        var cancellationToken = TestContext.Current.CancellationToken;
        var slow = Enumerable.Range(0, 4).Select(_ => FileSearch.RunAsync(Files(), new() { Pattern = "([a-z]+ ){3}[0-9]", Path = new("slow") }, cancellationToken)).ToList();
        var quick = await FileSearch.RunAsync(Files(), new() { Pattern = "needle", Path = new("quick") }, cancellationToken);
        Assert.Equal(1, quick.Total);
        Assert.False(Task.WhenAll(slow).IsCompleted);
        Assert.All(await Task.WhenAll(slow), outcome => Assert.Equal(0, outcome.Total));
    }

    /// <summary>An ordinary regular expression, line by line, is the oracle of every short cut.</summary>
    [Fact]
    public void Short_cuts_find_what_line_by_line_finds()
    {
        string[] patterns = ["ab", "a+b", "(ab|ba)c?", "^a", "b$", "a.b", "[^a]b", @"\bab\b", "a|b|c", "ab|cd", "x{2}", "ab{0,2}c", @"a\.b", "^$", "[^x]*", @"a\s*b", @"\Aab", "é", @"b\z", "abc?|cab"];
        string[] pieces = ["a", "b", "c", "ab", "abc", "x", "xx", ".", " ", "\n", "\r\n", "\n\n", "é", "cd", "\t"];
        Gen.Select(Gen.Int[0, patterns.Length - 1], Gen.Int[0, pieces.Length - 1].Array[0, 40], Gen.Bool).Sample((index, parts, ignoreCase) =>
        {
            var text = string.Concat(parts.Select(part => pieces[part]));
            var pattern = SearchPattern.Parse(patterns[index], ignoreCase);
            using var scan = new FileScan(pattern, 0);
            var kept = new List<SearchMatch>();
            var count = scan.Run(Encoding.UTF8.GetBytes(text), 1_000, kept);
            var plain = new Regex(patterns[index], RegexOptions.CultureInvariant | (ignoreCase ? RegexOptions.IgnoreCase : 0));
            var lines = LineEnds.Split(text).Select((line, i) => (Line: LineEnds.Body(line).ToString(), Number: i + 1)).Where(line => plain.IsMatch(line.Line)).Select(line => line.Number).ToList();
            Assert.Equal(lines, kept.Select(match => match.Number));
            Assert.Equal(lines.Count, count);
        });
    }

    private ProjectFiles Files() => new(_project.Root, _project.Secrets, IgnoreRules.Create(_project.Root), _project.Ledger);
}
