using System.Text;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Tests.Files;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Tests.Roots;

/// <summary>Somebody changes the tree at the same moment. Each race runs until it has been won and lost often enough to count, not for a time.</summary>
public sealed class RaceTests
{
    private const int Rounds = 300;

    [Fact]
    public async Task Directory_that_is_swapped_for_a_link_between_check_and_use_leads_nowhere()
    {
        using var project = new Project();
        var outside = Directory.CreateDirectory(Path.Combine(project.Outside, "outside", "sub")).Parent!.FullName;
        await File.WriteAllTextAsync(Path.Combine(outside, "sub", "a.txt"), "outside", TestContext.Current.CancellationToken);
        project.Write("dir/sub/a.txt", "inside");
        Directory.CreateSymbolicLink(project["link"], outside);
        using var ended = new CancellationTokenSource();
        var swapper = Task.Run(() => SwapUntil(project, ended.Token), TestContext.Current.CancellationToken);
        int inside = 0, leaving = 0;
        try
        {
            for (var round = 0; (inside < 10 || leaving < 10) && round < 1_000_000; round++)
            {
                try
                {
                    using var file = project.Root.OpenFile(new("dir/sub/a.txt"));
                    Assert.Equal("inside", Encoding.UTF8.GetString(file.Read(100)));
                    inside++;
                    project.Root.Write(new($"dir/sub/new{round}.txt"), "mine"u8.ToArray(), null);
                }
                catch (ToolException refusal)
                {
                    leaving += refusal.Message.Contains("leaves", StringComparison.Ordinal) ? 1 : 0;
                }
            }
        }
        finally
        {
            await ended.CancelAsync();
            await swapper;
        }

        Assert.True(inside >= 10 && leaving >= 10, $"the race was not run: {inside} inside, {leaving} times the link");
        Assert.Equal(["a.txt"], Directory.EnumerateFileSystemEntries(Path.Combine(outside, "sub")).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(1, "person 0")]
    [InlineData(2, "person 1")]
    [InlineData(3, "person 2")]
    public void Save_in_the_last_moment_goes_back_and_of_several_the_last(int saves, string left)
    {
        using var project = new Project();
        project.Write("a.txt", "old");
        using var root = ProjectRoot.Open(project.Root.Directory, portable: false, inner => new InterruptedDirectory(inner, moment => SaveAt(project, moment, saves)));
        Assert.Contains("changed since it was read", Assert.Throws<ToolException>(() => root.Write(new("a.txt"), "mine"u8.ToArray(), "old"u8.ToArray())).Message);
        Assert.Equal(left, project.Read("a.txt"));
        Assert.Equal(["a.txt"], Directory.EnumerateFileSystemEntries(project.Root.Directory).Select(Path.GetFileName));
    }

    [Fact]
    public void File_that_is_saved_in_the_last_moment_is_not_created_over_or_deleted()
    {
        using var project = new Project();
        project.Write("b.txt", "old");
        using var root = ProjectRoot.Open(project.Root.Directory, portable: false, inner => new InterruptedDirectory(inner, moment => SaveAt(project, moment, 1)));
        Assert.Throws<ToolException>(() => root.Write(new("a.txt"), "mine"u8.ToArray(), null));
        Assert.Equal("person 0", project.Read("a.txt"));
        using var other = ProjectRoot.Open(project.Root.Directory, portable: false, inner => new InterruptedDirectory(inner, moment => SaveAt(project, moment, 1)));
        Assert.Throws<ToolException>(() => other.Delete(new("a.txt"), "other"u8.ToArray()));
        Assert.Equal("person 0", project.Read("a.txt"));
    }

    /// <summary>The race is one: code that looks at a path first and opens it then does lose it.</summary>
    [Fact]
    public async Task Check_that_is_not_the_use_is_caught_by_the_same_race()
    {
        using var project = new Project();
        var outside = Directory.CreateDirectory(Path.Combine(project.Outside, "outside", "sub")).Parent!.FullName;
        await File.WriteAllTextAsync(Path.Combine(outside, "sub", "a.txt"), "outside", TestContext.Current.CancellationToken);
        project.Write("dir/sub/a.txt", "inside");
        Directory.CreateSymbolicLink(project["link"], outside);
        using var ended = new CancellationTokenSource();
        var swapper = Task.Run(() => SwapUntil(project, ended.Token), TestContext.Current.CancellationToken);
        var lost = false;
        for (var round = 0; !lost && round < 1_000_000; round++)
        {
            lost = new DirectoryInfo(project["dir"]) is { Exists: true, LinkTarget: null } && ReadPlainly(project["dir/sub/a.txt"]) == "outside";
        }

        await ended.CancelAsync();
        await swapper;
        Assert.True(lost);
    }

    [Fact]
    public async Task Edit_of_the_person_at_the_same_moment_is_never_lost()
    {
        using var project = new Project();
        project.Write("a.txt", "0");
        using var ended = new CancellationTokenSource();
        var latest = 0;
        var overwritten = 0;

        // The person saves as editors do: a new file, renamed over the old one; and then looks whether it is still there.
        var person = Task.Run(
            () =>
            {
                for (var i = 1; !ended.IsCancellationRequested; i++)
                {
                    File.WriteAllText(project["person.tmp"], $"person {i}");
                    File.Move(project["person.tmp"], project["a.txt"], overwrite: true);
                    Volatile.Write(ref latest, i);
                }
            },
            TestContext.Current.CancellationToken);
        try
        {
            for (var round = 0; (round < Rounds || overwritten == 0) && round < 100 * Rounds; round++)
            {
                overwritten += TryEdit(project, round) ? 1 : 0;
            }
        }
        finally
        {
            await ended.CancelAsync();
            await person;
        }

        // The last save came after every edit that did not know it: it is there, or an edit that had read it.
        var text = project.Read("a.txt");
        Assert.True(text == $"person {latest}" || text.EndsWith($"over person {latest}", StringComparison.Ordinal), text);
        Assert.True(overwritten > 0);
        Assert.DoesNotContain(Directory.EnumerateFiles(project.Root.Directory), path => ProjectRoot.IsTemporary(Path.GetFileName(path)) && File.ReadAllText(path).StartsWith("agent", StringComparison.Ordinal));
    }

    /// <summary>Reads, then writes over exactly that; the name always has a content.</summary>
    private static bool TryEdit(Project project, int round)
    {
        try
        {
            byte[] before;
            using (var file = project.Root.OpenFile(new("a.txt")))
            {
                before = file.Read(1_000);
            }

            var person = Encoding.UTF8.GetString(before) is var text && text.StartsWith("agent", StringComparison.Ordinal) ? text[text.LastIndexOf("over ", StringComparison.Ordinal)..] : "over " + text;
            project.Root.Write(new("a.txt"), Encoding.UTF8.GetBytes($"agent {round} {person}"), before);
            return true;
        }
        catch (ToolException)
        {
            return false;
        }
    }

    /// <summary>While the name is free, a write may make a directory there.</summary>
    private static void MoveOver(string from, string to)
    {
        while (true)
        {
            try
            {
                Directory.Move(from, to);
                return;
            }
            catch (IOException) when (Directory.Exists(to))
            {
                Empty(to);
            }
        }
    }

    private static void Empty(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (IOException)
        {
            // A write was quicker; it is tried again.
        }
    }

    private static string? ReadPlainly(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static void SaveAt(Project project, int moment, int saves)
    {
        if (moment < saves)
        {
            var written = project.Write("person.tmp", $"person {moment}");
            File.Move(written, project["a.txt"], overwrite: true);
        }
    }

    private static void SwapUntil(Project project, CancellationToken ended)
    {
        while (!ended.IsCancellationRequested)
        {
            Directory.Move(project["dir"], project["away"]);
            MoveOver(project["link"], project["dir"]);
            Directory.Move(project["dir"], project["link"]);
            MoveOver(project["away"], project["dir"]);
        }
    }
}
