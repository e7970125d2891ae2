using System.Text;
using CsCheck;
using EdgeCoder.Agent.Ignores;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Tests.Files;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Agent.Tests.Ignores;

/// <summary>git itself is the oracle: what it ignores is ignored, and nothing else.</summary>
public sealed class IgnoreRulesTests
{
    private static readonly string[] Paths =
    [
        "a.txt", "b.log", "foo", "foo.txt", "Foo", "dir/a.txt", "dir/foo/bar", "dir/sub/a.txt", "dir/sub/b.log", "dir/sub/foo.txt", "build/out.o", "build/sub/x.o", "x/build/y",
        "x/y/z/foo/bar.txt", "a b.txt", "trail ", "#hash", "!bang", "[x]", "a\\b", "é.txt", "foo-bar", "foobar/x", "doc/a/b/c.txt", "deep/a/deep/b",
    ];

    private static readonly string[] Pieces =
    [
        "*", "**", "?", "foo", "bar", "a", "b", "dir", "sub", "build", ".txt", ".log", ".o", "/", "/", "x", "[a-f]", "[!a]", "[[:alpha:]]", "\\*", "\\#", "\\!", "[", "]", "deep", "doc", " ", "\\ ", "é", "-", "[]x]", "[a-]", "**/", "/**", "\\",
    ];

    [Fact]
    public void Generated_patterns_are_read_as_git_reads_them()
    {
        using var project = new Project();
        Git(project.Root.Directory, "init", "-q");
        foreach (var path in Paths)
        {
            project.Write(path, "x");
        }

        Directory.CreateDirectory(project["dir"]);
        var pattern = Gen.Select(Gen.Int[0, 3], Gen.Int[0, Pieces.Length - 1].Array[1, 5], Gen.Int[0, 5], (negated, pieces, end) =>
            (negated == 0 ? "!" : "") + string.Concat(pieces.Select(piece => Pieces[piece])) + (end == 0 ? "/" : ""));
        var file = pattern.Array[1, 6].Select(lines => string.Join('\n', lines));
        Gen.Select(file, file, file).Sample(
            (root, inner, exclude) =>
            {
                project.Write(".gitignore", root);
                project.Write("dir/.gitignore", inner);
                project.Write(".git/info/exclude", exclude);
                var rules = IgnoreRules.Create(project.Root, generated: false);
                var ours = Paths.Where(path => rules.IsIgnored(new(path), isDirectory: false)).ToList();
                Assert.Equal(Oracle(project.Root.Directory), ours);
            },
            iter: 80,
            threads: 1);
    }

    [Theory]
    [InlineData("*.log\n!keep.log", "a/keep.log", false, false)]
    [InlineData("build/\n!build/keep.txt", "build/keep.txt", false, true)]
    [InlineData("/a.txt", "x/a.txt", false, false)]
    [InlineData("a.txt\r\n", "x/a.txt", false, true)]
    [InlineData("\ufeffa.txt", "a.txt", false, true)]
    [InlineData("foo/", "foo", false, false)]
    [InlineData("foo/", "foo", true, true)]
    [InlineData("**/logs/*.txt", "a/b/logs/x.txt", false, true)]
    [InlineData("a/**/z", "a/z", false, true)]
    [InlineData("# note", "# note", false, false)]
    [InlineData("a**/**", "a.txt", false, true)]
    [InlineData("/dir/su/", "dir/sub/a.txt", false, false)]
    public void Rules_people_write(string rules, string path, bool directory, bool ignored)
    {
        using var project = new Project();
        project.Write(".gitignore", rules);
        Assert.Equal(ignored, IgnoreRules.Create(project.Root).IsIgnored(new(path), directory));
    }

    [Fact]
    public void Generated_directories_are_ignored_unless_the_project_says_otherwise()
    {
        using var project = new Project();
        project.Write("sub/.gitignore", "!node_modules/\n");
        var rules = IgnoreRules.Create(project.Root);
        Assert.True(rules.IsIgnored(new("node_modules/x.js"), false));
        Assert.True(rules.IsIgnored(new("a/__pycache__/x.pyc"), false));
        Assert.False(rules.IsIgnored(new("sub/node_modules/x.js"), false));
        Assert.True(rules.IsIgnored(new(".git/HEAD"), false));
        Assert.False(rules.IsIgnored(new("node_modules"), false));
    }

    [Fact]
    public void Worktree_has_the_exclude_file_of_its_repository()
    {
        using var directory = new TemporaryDirectory();
        Git(directory.Path, "init", "-q", "main");
        Git(directory["main"], "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x");
        Git(directory["main"], "worktree", "add", "-q", directory["tree"]);
        directory.Write("main/.git/info/exclude", "*.local\n");
        using var root = ProjectRoot.Open(directory["tree"]);
        Assert.True(IgnoreRules.Create(root).IsIgnored(new("a.local"), false));
    }

    [Fact]
    public void A_hostile_pattern_ends()
    {
        var pattern = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("**/*a*?", 30)) + "b");
        var text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("a/a", 300)));
        Assert.False(Wildmatch.IsMatch(pattern, text, path: true));
    }

    [Theory]
    [InlineData("*.cs", "src/a.cs", true)]
    [InlineData("src/**/*.{ts,tsx}", "src/a/b.tsx", true)]
    [InlineData("src/**/*.{ts,tsx}", "src/b.ts", true)]
    [InlineData("src/**/*.{ts,tsx}", "lib/b.ts", false)]
    [InlineData("tests/", "tests/a/b.py", true)]
    [InlineData("/a.txt", "a.txt", true)]
    [InlineData("./src/*.py", "src/a.py", true)]
    public void Globs_match_names_or_paths(string glob, string path, bool match) => Assert.Equal(match, new PathGlob(glob).IsMatch(path));

    private static List<string> Oracle(string directory)
    {
        var input = Encoding.UTF8.GetBytes(string.Concat(Paths.Select(path => path + "\0")));
        var (_, output) = Shell.OutputAsync("git", input, "-C", directory, "-c", "core.excludesFile=", "-c", "core.ignoreCase=false", "check-ignore", "--no-index", "-z", "--stdin").GetAwaiter().GetResult();
        return [.. Encoding.UTF8.GetString(output).Split('\0', StringSplitOptions.RemoveEmptyEntries)];
    }

    private static void Git(string directory, params string[] arguments) => Assert.Equal(0, Shell.RunAsync("git", ["-C", directory, .. arguments]).GetAwaiter().GetResult());
}
