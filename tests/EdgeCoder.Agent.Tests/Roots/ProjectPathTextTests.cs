using CsCheck;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Tests.Roots;

public sealed class ProjectPathTextTests
{
    private static readonly string[] Roots = ["/p", "/link"];

    [Theory]
    [InlineData("a/b.txt", "a/b.txt")]
    [InlineData("./a//b/../c", "a/c")]
    [InlineData(".", "")]
    [InlineData("", "")]
    [InlineData("..x", "..x")]
    [InlineData("a/...", "a/...")]
    [InlineData("..x/../y", "y")]
    [InlineData("/p", "")]
    [InlineData("/p/a", "a")]
    [InlineData("/link/a", "a")]
    public void Paths_within_are_relative(string text, string path) => Assert.Equal(path, Parse(text).Value);

    [Theory]
    [InlineData("..")]
    [InlineData("a/../../b")]
    [InlineData("/p/../etc/passwd")]
    [InlineData("/p-secret/a")]
    [InlineData("/etc/passwd")]
    [InlineData("//server/share")]
    [InlineData(@"\\server\share\a")]
    [InlineData(@"\\?\C:\a")]
    [InlineData(@"\\.\pipe\a")]
    [InlineData(@"C:\Windows")]
    [InlineData("c:/a")]
    [InlineData("C:a")]
    [InlineData("~/.bashrc")]
    [InlineData("~")]
    [InlineData("a\0b")]
    public void Paths_outside_are_refused(string text) => Assert.Contains("refused", Assert.Throws<ToolException>(() => Parse(text)).Message);

    [Theory]
    [InlineData("NUL")]
    [InlineData("con.txt")]
    [InlineData("LPT1")]
    [InlineData("com9.log.txt")]
    [InlineData("a.txt:stream")]
    [InlineData("a.txt::$DATA")]
    [InlineData(@"..\..\a")]
    [InlineData("a.")]
    [InlineData("a ")]
    [InlineData("a\u0001")]
    public void Names_that_mean_something_else_on_some_system_are_not_portable(string name) => Assert.NotNull(ProjectPathText.WhyNotPortable(name));

    [Theory]
    [InlineData("..x")]
    [InlineData("null.txt")]
    [InlineData("console.cs")]
    [InlineData("com.txt")]
    [InlineData(".gitignore")]
    [InlineData("häuser.txt")]
    public void Ordinary_names_are_portable(string name) => Assert.Null(ProjectPathText.WhyNotPortable(name));

    [Fact]
    public void Case_counts_as_the_file_system_says()
    {
        Assert.Equal("a", ProjectPathText.Parse("/P/a", Roots, StringComparison.OrdinalIgnoreCase).Value);
        Assert.Throws<ToolException>(() => ProjectPathText.Parse("/P/a", Roots, StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_accepted_never_leaves()
    {
        string[] parts = ["..", ".", "", "a", "..x", "p", "p-secret", "etc", "link"];
        var segment = Gen.Int[0, parts.Length - 1].Select(index => parts[index]);
        Gen.Select(Gen.Bool, segment.Array[0, 8]).Sample((absolute, segments) =>
        {
            var text = (absolute ? "/" : "") + string.Join('/', segments);
            try
            {
                var path = Parse(text);
                Assert.DoesNotContain("..", path.Segments);
                Assert.DoesNotContain("", path.Segments);
                var full = Path.GetFullPath(text.StartsWith('/') ? text : "/p/" + text);
                Assert.Contains(full.TrimEnd('/'), new[] { ("/p/" + path.Value).TrimEnd('/'), ("/link/" + path.Value).TrimEnd('/') });
            }
            catch (ToolException)
            {
                Assert.True(text.StartsWith("//", StringComparison.Ordinal) || Leaves(text), text);
            }
        });
    }

    /// <summary>Whether it ends outside; a relative one also when it only passes through the outside.</summary>
    private static bool Leaves(string text)
    {
        var depth = 0;
        return text.Split('/').Any(segment => (depth += segment switch { ".." => -1, "" or "." => 0, _ => 1 }) < 0)
            || (text.StartsWith('/') && !Path.GetFullPath(text + "/").StartsWith("/p/", StringComparison.Ordinal) && !Path.GetFullPath(text + "/").StartsWith("/link/", StringComparison.Ordinal));
    }

    private static ProjectPath Parse(string text) => ProjectPathText.Parse(text, Roots, StringComparison.Ordinal);
}
