using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Tests.Files;
using EdgeCoder.Agent.Tools;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Agent.Tests.Roots;

/// <summary>On both implementations: descriptors and paths.</summary>
public sealed class ContainmentTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Links_that_leave_are_refused_for_reading_and_writing(bool portable)
    {
        using var project = new Project(portable: portable);
        File.WriteAllText(Path.Combine(project.Outside, "secret.txt"), "outside");
        Directory.CreateSymbolicLink(project["out"], project.Outside);
        File.CreateSymbolicLink(project["file"], Path.Combine(project.Outside, "secret.txt"));
        File.CreateSymbolicLink(project["up"], "../secret.txt");
        foreach (var path in new[] { "out/secret.txt", "file", "up", "out/new.txt", "out/sub/new.txt" })
        {
            Assert.Contains("leaves", Assert.Throws<ToolException>(() => project.Root.OpenFile(new(path))).Message);
            Assert.Contains("leaves", Assert.Throws<ToolException>(() => project.Root.Write(new(path), new byte[1], null)).Message);
        }

        Assert.Equal(["project", "secret.txt"], Directory.EnumerateFileSystemEntries(project.Outside).Select(Path.GetFileName).Order());
        Assert.Equal("outside", File.ReadAllText(Path.Combine(project.Outside, "secret.txt")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Links_that_stay_within_are_followed(bool portable)
    {
        using var project = new Project(portable: portable);
        project.Write("real/a.txt", "one");
        Directory.CreateSymbolicLink(project["relative"], "real");
        Directory.CreateSymbolicLink(project["absolute"], project["real"]);
        File.CreateSymbolicLink(project["real/back.txt"], "../real/../relative/a.txt");
        foreach (var path in new[] { "relative/a.txt", "absolute/a.txt", "real/back.txt" })
        {
            using var file = project.Root.OpenFile(new(path));
            Assert.Equal("real/a.txt", file.Real.Value);
        }

        project.Root.Write(new("real/back.txt"), "two"u8.ToArray(), "one"u8.ToArray());
        Assert.Equal("two", project.Read("real/a.txt"));
        Assert.NotNull(new FileInfo(project["real/back.txt"]).LinkTarget);
        project.Root.Write(new("absolute/deep/er/new.txt"), "new"u8.ToArray(), null);
        Assert.Equal("new", project.Read("real/deep/er/new.txt"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Circles_of_links_and_links_to_nothing_end(bool portable)
    {
        using var project = new Project(portable: portable);
        File.CreateSymbolicLink(project["one"], "two");
        File.CreateSymbolicLink(project["two"], "one");
        File.CreateSymbolicLink(project["nothing"], "gone.txt");
        Assert.Contains("too many links", Assert.Throws<ToolException>(() => project.Root.OpenFile(new("one"))).Message);
        Assert.Contains("does not exist", Assert.Throws<ToolException>(() => project.Root.Write(new("nothing"), new byte[1], null)).Message);
        Assert.False(File.Exists(project["gone.txt"]));
    }

    [Fact]
    public void Root_may_be_a_link_and_names_may_begin_with_dots()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("real/..x", "one");
        Directory.CreateSymbolicLink(directory["link"], directory["real"]);
        using var root = ProjectRoot.Open(directory["link"]);
        Assert.Equal(directory["real"], root.Directory);
        using var file = root.OpenFile(root.Parse("..x"));
        Assert.Equal(3, file.Length);
        Assert.Equal("..x", root.Parse(directory["link/..x"]).Value);
    }

    [Fact]
    public async Task Devices_sockets_and_pipes_are_neither_read_nor_written()
    {
        using var project = new Project();
        Assert.Equal(0, await Shell.RunAsync("mkfifo", project["pipe"]));
        File.CreateSymbolicLink(project["link"], "pipe");
        foreach (var path in new[] { "pipe", "link" })
        {
            Assert.Contains("pipe", await project.RefusalAsync("read_file", new { path }));
            Assert.Contains("pipe", await project.RefusalAsync("write_file", new { path, content = "x" }));
        }
    }

    [Theory]
    [InlineData(".git/config")]
    [InlineData(".GIT/hooks/pre-commit")]
    [InlineData("sub/.git/hooks/x")]
    [InlineData(".git")]
    [InlineData("git~1/hooks/x")]
    [InlineData("GIT~2/x")]
    [InlineData(".git ./x")]
    [InlineData(".git::$INDEX_ALLOCATION/x")]
    [InlineData(".g\u200cit/x")]
    [InlineData(".edgecoder/policy")]
    [InlineData(".EdgeCoder/config")]
    [InlineData("a/.edgecoder/x")]
    public void Nothing_is_written_to_git_or_policy(string path)
    {
        using var project = new Project();
        Assert.Throws<ToolException>(() => project.Root.Write(new(path), new byte[1], null));
        Assert.Empty(Directory.EnumerateFileSystemEntries(project.Root.Directory));
    }

    [Fact]
    public void Nothing_is_written_to_git_through_a_link()
    {
        using var project = new Project();
        project.Write(".git/hooks/pre-commit", "old");
        Directory.CreateSymbolicLink(project["hooks"], ".git/hooks");
        Assert.Contains(".git", Assert.Throws<ToolException>(() => project.Root.Write(new("hooks/pre-commit"), new byte[1], "old"u8.ToArray())).Message);
        Assert.Throws<ToolException>(() => project.Root.Delete(new("hooks/pre-commit"), "old"u8.ToArray()));
        Assert.Equal("old", project.Read(".git/hooks/pre-commit"));
    }

    [Theory]
    [InlineData("git.txt")]
    [InlineData(".gitignore")]
    [InlineData(".github/workflows/ci.yml")]
    [InlineData("..x")]
    public void Names_like_these_are_written(string path)
    {
        using var project = new Project();
        project.Root.Write(new(path), new byte[1], null);
        Assert.True(File.Exists(project[path]));
    }

    [Theory]
    [InlineData("/", "root of a file system")]
    [InlineData("/home", "home directory")]
    [InlineData("/home/anna", "home directory")]
    [InlineData("/Users/anna", "home directory")]
    [InlineData("/var/anna", "home directory")]
    [InlineData("/var", "home directory")]
    [InlineData("/data/edgecoder", "own data")]
    [InlineData("/data/edgecoder/worktrees/x", "own data")]
    [InlineData("/data", "own data")]
    public void Directories_that_cannot_be_a_root_are_refused(string directory, string reason) =>
        Assert.Contains(reason, RootRules.WhyNot(directory, ["/var/anna"], "/data/edgecoder", StringComparison.Ordinal));

    [Theory]
    [InlineData("/home/anna" + "/project")]
    [InlineData("/var/anna-2")]
    [InlineData("/data/edgecoder-2")]
    public void Ordinary_directories_can_be_a_root(string directory) => Assert.Null(RootRules.WhyNot(directory, ["/var/anna"], "/data/edgecoder", StringComparison.Ordinal));

    [Fact]
    public void What_is_no_directory_is_refused_with_a_code()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("file", "");
        Assert.Equal("root_refused", Assert.Throws<RepositoryException>(() => ProjectRoot.Open(directory["file"])).Code);
        Assert.Equal("root_refused", Assert.Throws<RepositoryException>(() => ProjectRoot.Open(directory["missing"])).Code);
        Assert.Equal("root_refused", Assert.Throws<RepositoryException>(() => ProjectRoot.OpenProject(directory.Path, directory["data"])).Code);
    }
}
