using EdgeCoder.Agent.Workspaces;
using EdgeCoder.TestKit.Processes;
using static EdgeCoder.Agent.Tests.Workspaces.TestProject;

namespace EdgeCoder.Agent.Tests.Workspaces;

/// <summary>R3: a repository's configuration, attributes and hooks name programs. None of them runs, whatever is done with a workspace.</summary>
[Collection(GitCollection.Name)]
public sealed class HostileRepositoryTests(GitFixture fixture)
{
    private const string Attributes = "*.txt filter=evil diff=evil merge=evil\n";

    // All the ways in which a repository can make git run something while it works on files.
    private static string Configuration(string program) => $"""
        [core]
            fsmonitor = {program}
            hooksPath = {Path.GetDirectoryName(program)}/hooks
            sshCommand = {program}
            pager = {program}
            editor = {program}
            askPass = {program}
            gitProxy = {program}
        [diff]
            external = {program}
        [diff "evil"]
            textconv = {program}
            command = {program}
        [filter "evil"]
            clean = {program}
            smudge = {program}
            process = {program}
            required = true
        [merge "evil"]
            driver = {program} %A
        [gpg]
            program = {program}
        [commit]
            gpgSign = true
        [alias]
            status = !{program}
            diff-tree = !{program}
        [include]
            path = {Path.GetDirectoryName(program)}/more
        [credential]
            helper = !{program}
        [remote "origin"]
            url = {Path.GetDirectoryName(program)}
            uploadpack = {program}
        [uploadpack]
            packObjectsHook = {program}

        """;

    [Fact]
    public async Task No_program_of_a_repository_runs_in_begin_save_restore_review_apply_and_undo()
    {
        using var project = await RepositoryAsync(fixture);
        var trap = await PlantAsync(project);

        // Planted once: the trap works.
        await ProgramRun.ToEndAsync("git", ["status"], new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["HOME"] = "/nonexistent" }, directory: project.Root);
        Assert.True(trap.HasFired);
        trap.Reset();

        project.Write("a.txt", "dirty\n");
        await using var workspace = await project.BeginAsync(carry: true);
        File.WriteAllText(Path.Combine(workspace.Directory, "a.txt"), "changed\n");
        File.WriteAllText(Path.Combine(workspace.Directory, "c.txt"), "new\n");
        var point = await workspace.SaveAsync("edit", Stop);
        await workspace.ChangesAsync(workspace.Base.Tree, point.Tree, Stop);
        Assert.Contains("+changed", await workspace.PatchAsync(workspace.Base.Tree, point.Tree, Stop), StringComparison.Ordinal);
        await workspace.RestoreAsync(workspace.Base, Stop);
        await workspace.RestoreAsync(point, Stop);
        Assert.True((await workspace.ApplyAsync(point.Tree, Stop)).Applied);
        Assert.True((await workspace.UndoApplyAsync(Stop)).Applied);
        Assert.Equal("dirty\n", project.Read("a.txt"));
        Assert.False(trap.HasFired, trap.Log);
    }

    [Fact]
    public async Task Trap_fires_in_the_sandbox_too_once_git_reads_such_a_configuration()
    {
        using var project = await RepositoryAsync(fixture);
        project.Write(".gitattributes", Attributes);
        await project.CommitAsync("attributes");
        await using var workspace = await project.BeginAsync();
        var trap = Trap.In(Path.Combine(workspace.Repository.Directory, "trap"));
        await File.WriteAllTextAsync(Path.Combine(workspace.Repository.Directory, "trap", "more"), "", Stop);
        await File.AppendAllTextAsync(Path.Combine(workspace.Repository.Directory, "config"), Configuration(trap.Program), Stop);
        File.WriteAllText(Path.Combine(workspace.Directory, "a.txt"), "changed\n");
        await Record.ExceptionAsync(() => workspace.SaveAsync("edit", Stop));
        Assert.True(trap.HasFired);
    }

    [Fact]
    public async Task Repository_that_a_command_left_within_the_worktree_runs_nothing()
    {
        using var project = await RepositoryAsync(fixture);
        await using var workspace = await project.BeginAsync();
        var nested = Directory.CreateDirectory(Path.Combine(workspace.Directory, "nested")).FullName;
        await GitAsync(nested, ["init", "-q"]);
        await File.WriteAllTextAsync(Path.Combine(nested, "f"), "x", Stop);
        await GitAsync(nested, ["add", "f"]);
        await GitAsync(nested, ["commit", "-qm", "x"]);
        var trap = Trap.In(workspace.Directory + "-trap");
        await File.AppendAllTextAsync(Path.Combine(nested, ".git", "config"), Configuration(trap.Program), Stop);

        // The worktree's own pointer may be replaced as well.
        File.Delete(Path.Combine(workspace.Directory, ".git"));
        await GitAsync(workspace.Directory, ["init", "-q"]);
        await File.AppendAllTextAsync(Path.Combine(workspace.Directory, ".git", "config"), Configuration(trap.Program), Stop);

        await File.WriteAllTextAsync(Path.Combine(workspace.Directory, "a.txt"), "x\n", Stop);
        var point = await workspace.SaveAsync("edit", Stop);
        Assert.Equal(["a.txt"], (await workspace.ChangesAsync(workspace.Base.Tree, point.Tree, Stop)).Select(c => c.Path));
        await workspace.RestoreAsync(workspace.Base, Stop);
        Assert.True(File.Exists(Path.Combine(nested, "f")));
        Assert.False(trap.HasFired, trap.Log);
    }

    [Fact]
    public async Task Alternates_and_pointers_to_somebody_elses_repository_are_not_followed()
    {
        using var project = Plain(fixture);
        using var other = await RepositoryAsync(fixture);
        project.Write(".git", $"gitdir: {other.Root}/.git\n");
        var refused = await Assert.ThrowsAsync<EdgeCoder.Agent.Repositories.RepositoryException>(() => project.BeginAsync());
        Assert.Equal("repository_unsupported", refused.Code);
        Assert.Contains("does not belong", refused.Message, StringComparison.Ordinal);

        File.Delete(Path.Combine(project.Root, ".git"));
        Directory.CreateSymbolicLink(Path.Combine(project.Root, ".git"), Path.Combine(other.Root, ".git"));
        Assert.Equal("repository_unsupported", (await Assert.ThrowsAsync<EdgeCoder.Agent.Repositories.RepositoryException>(() => project.BeginAsync())).Code);
        Assert.Empty(project.Store.List());
    }

    private static async Task<Trap> PlantAsync(TestProject project)
    {
        // Within the project, so that git in the sandbox can see it.
        var trap = Trap.In(Path.Combine(project.Root, ".git", "trap"));
        project.Write(".gitattributes", Attributes);
        await project.CommitAsync("attributes");
        var hooks = Directory.CreateDirectory(Path.Combine(project.Root, ".git", "trap", "hooks")).FullName;
        foreach (var hook in (string[])["post-checkout", "post-index-change", "pre-commit", "reference-transaction", "post-merge", "pre-auto-gc"])
        {
            foreach (var directory in (string[])[hooks, Path.Combine(project.Root, ".git", "hooks")])
            {
                Directory.CreateDirectory(directory);
                File.Copy(trap.Program, Path.Combine(directory, hook), overwrite: true);
            }
        }

        await File.WriteAllTextAsync(Path.Combine(project.Root, ".git", "trap", "more"), $"[core]\n\tfsmonitor = {trap.Program}\n", Stop);
        await File.AppendAllTextAsync(Path.Combine(project.Root, ".git", "config"), Configuration(trap.Program), Stop);
        return trap;
    }
}
