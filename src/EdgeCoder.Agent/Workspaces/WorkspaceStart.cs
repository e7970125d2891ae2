using System.Text;
using System.Text.Json;
using EdgeCoder.Agent.Git;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Executor.Commands;

namespace EdgeCoder.Agent.Workspaces;

/// <summary>Makes the workspace of a session in an empty folder.</summary>
internal sealed class WorkspaceStart(GitProcess git, WorkspaceFolder folder, WorkspaceRequest request, TimeProvider time)
{
    private readonly string _branch = $"refs/heads/edgecoder/{request.SessionId}";

    /// <summary>
    /// Makes it:
    /// 1 where the project's repository is, and what is taken over of its configuration and references;
    /// 2 a repository of our own that borrows its objects;
    /// 3 the base: HEAD, or the person's files as they are;
    /// 4 the objects of the base, copied, so that no clean-up of the project's repository can take them away;
    /// 5 branch, worktree and save point 0;
    /// 6 the record, which makes it a workspace.
    /// </summary>
    public async Task<IWorkspace> RunAsync(string lockFile, int version, CancellationToken cancellationToken)
    {
        // 1
        var layout = GitLayout.Find(request.Root);
        var configuration = layout is null ? Plain() : await ReadConfigurationAsync(layout, cancellationToken).ConfigureAwait(false);
        if (configuration.Bare)
        {
            throw new RepositoryException("bare_repository", $"The repository of {request.Root} is bare: it has no files to work on.", "Clone it, or add a worktree, and work there.");
        }

        var references = layout is null ? null : GitReferences.Read(layout);
        var record = Record(version, layout);

        // 2
        PrivateRepository.Create(folder.Repository, configuration, record.Objects, Borrowed(references), _branch);
        CopyRules(layout);
        OwnerOnly.CreateDirectory(record.Directory);
        var repository = RepositoryOf(git, folder, record, time);

        // 3
        var head = references?.Head;
        var (commit, tree) = await BaseAsync(repository, record, head, cancellationToken).ConfigureAwait(false);

        // 4
        if (head is not null)
        {
            await KeepAsync(repository, commit, tree, cancellationToken).ConfigureAwait(false);
        }

        // 5
        await repository.RunAsync(GitCall.Of("update-ref", _branch, commit, ""), cancellationToken).ConfigureAwait(false);
        var worktree = GitCall.Of("read-tree", "--reset", "-u", tree) with { WorkTree = record.Directory, Index = repository.Index("save") };
        await repository.RunAsync(worktree, cancellationToken).ConfigureAwait(false);
        File.Copy(repository.Index("save"), Path.Combine(folder.Repository, "index"));
        await File.WriteAllTextAsync(Path.Combine(record.Directory, ".git"), $"gitdir: {folder.Repository}\n", cancellationToken).ConfigureAwait(false);
        var point = await new SavePointStore(repository, request.SessionId, time).AddAsync(0, tree, "base", cancellationToken).ConfigureAwait(false);

        // 6
        record = record with { UserName = configuration.UserName, UserEmail = configuration.UserEmail, Remotes = GitRemote.WithoutCredentials(configuration.Remotes), Notes = await NotesAsync(repository, configuration, record.Directory, cancellationToken).ConfigureAwait(false) };
        OwnerOnly.Replace(folder.RecordFile, JsonSerializer.SerializeToUtf8Bytes(record, WorkspaceJson.Default.WorkspaceRecord));
        return new Workspace(folder, record, repository, [point], request.IsDenied, lockFile, time);
    }

    /// <summary>The repository of a workspace: its folder may be written, what it borrows may be read.</summary>
    public static PrivateRepository RepositoryOf(GitProcess git, WorkspaceFolder folder, WorkspaceRecord record, TimeProvider time) =>
        new(git, folder.Repository, [new CommandMount(folder.Path, folder.Path, Writable: true), .. record.Objects.Where(Directory.Exists).Select(o => new CommandMount(o, o))], time);

    private static GitConfiguration Plain() => new()
    {
        Core = new Dictionary<string, string>
        {
            ["core.filemode"] = OperatingSystem.IsWindows() ? "false" : "true",
            ["core.ignorecase"] = OperatingSystem.IsLinux() ? "false" : "true",
            ["core.symlinks"] = OperatingSystem.IsWindows() ? "false" : "true",
        },
    };

    private async Task<GitConfiguration> ReadConfigurationAsync(GitLayout layout, CancellationToken cancellationToken)
    {
        var file = Path.Combine(layout.CommonDirectory, "config");
        if (!File.Exists(file))
        {
            return Plain();
        }

        // A copy: git sees this file alone, and nothing that it may include.
        var copy = Path.Combine(folder.Path, "theirs");
        await File.WriteAllBytesAsync(copy, BoundedFile.Read(file, 4 << 20), cancellationToken).ConfigureAwait(false);
        var call = GitCall.Of("config", "--file", copy, "--no-includes", "--list", "-z") with { Mounts = [new CommandMount(copy, copy)] };
        var answer = await git.RunAsync(call, cancellationToken).ConfigureAwait(false);
        File.Delete(copy);
        return GitConfiguration.Read(answer.Parts);
    }

    private WorkspaceRecord Record(int version, GitLayout? layout)
    {
        var name = Path.GetFileName(request.Root.TrimEnd(Path.DirectorySeparatorChar));
        return new WorkspaceRecord
        {
            Version = version,
            SessionId = request.SessionId,
            Root = request.Root,
            Directory = Path.Combine(folder.Trees, name.Length == 0 || name == ".git" ? "project" : name),
            HasGit = layout is not null,
            GitDirectory = layout?.GitDirectory,
            Objects = layout is null ? [] : [.. layout.Objects.Select(RealPath.Of).Distinct()],
            Notes = [],
            AtMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
    }

    /// <summary>Their references, so that they can be named; those in the way of this program's own are left out.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Borrowed(GitReferences? references) => references is null
        ? []
        : references.All.Where(r => r.Key != "refs/heads/edgecoder" && !r.Key.StartsWith("refs/heads/edgecoder/", StringComparison.Ordinal));

    /// <summary>Rules of their repository that name files and run nothing: what is ignored, how text is treated, where a shallow history ends.</summary>
    private void CopyRules(GitLayout? layout)
    {
        foreach (var rule in layout is null ? [] : (string[])["info/exclude", "info/attributes", "shallow"])
        {
            var source = Path.Combine(layout!.CommonDirectory, rule);
            if (File.Exists(source))
            {
                File.WriteAllBytes(Path.Combine(folder.Repository, rule), BoundedFile.Read(source, 4 << 20));
            }
        }
    }

    private async Task<(string Commit, string Tree)> BaseAsync(PrivateRepository repository, WorkspaceRecord record, string? head, CancellationToken cancellationToken)
    {
        var tree = head is null ? null : await repository.TreeAsync(head, cancellationToken).ConfigureAwait(false);

        // Without any commit the files are all there is: without them there would be nothing to work on.
        if (tree is not null && !request.CarryUncommitted)
        {
            return (head!, tree);
        }

        var carried = await new PersonTree(repository, record.Root, record.GitDirectory).TakeAsync(tree, cancellationToken).ConfigureAwait(false);
        if (carried == tree)
        {
            return (head!, carried);
        }

        var message = record.HasGit ? "Uncommitted changes, carried in\n" : "The files as they were\n";
        return (await repository.CommitAsync(carried, head is null ? [] : [head], message, GitIdentity.Program(time.GetUtcNow()), cancellationToken).ConfigureAwait(false), carried);
    }

    private async Task KeepAsync(PrivateRepository repository, string commit, string tree, CancellationToken cancellationToken)
    {
        var listed = await repository.RunAsync(GitCall.Of("rev-list", "--objects", "--no-object-names", tree), cancellationToken).ConfigureAwait(false);
        var pack = GitCall.Of("pack-objects", "-q", Path.Combine(folder.Repository, "objects", "pack", "pack")) with { Input = (byte[])[.. Encoding.ASCII.GetBytes($"{commit}\n"), .. listed.Bytes] };
        await repository.RunAsync(pack, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<IReadOnlyList<string>> NotesAsync(PrivateRepository repository, GitConfiguration configuration, string directory, CancellationToken cancellationToken)
    {
        var notes = new List<string>();
        var staged = await repository.RunAsync(GitCall.Of("ls-files", "-z", "--stage") with { WorkTree = directory }, cancellationToken).ConfigureAwait(false);
        var submodules = staged.Parts.Where(p => p.AsSpan().StartsWith("160000 "u8)).Select(p => GitPath.Of(p.AsSpan(p.AsSpan().IndexOf((byte)'\t') + 1))).ToList();
        if (submodules.Count > 0)
        {
            notes.Add($"Submodules are left alone and empty in the worktree: {string.Join(", ", submodules.Take(20))}{(submodules.Count > 20 ? ", ..." : "")}.");
        }

        var filtered = await repository.RunAsync(
            GitCall.Of("ls-files", "-z", "--", ":(top,attr:filter=lfs)") with { WorkTree = directory }, cancellationToken).ConfigureAwait(false);
        if (filtered.Parts.Count > 0)
        {
            notes.Add($"{filtered.Parts.Count} files of git-lfs are pointers in the worktree: its program is not run.");
        }

        if (configuration.Partial)
        {
            notes.Add("The repository is a partial clone: what it has not fetched yet is missing here.");
        }

        return notes;
    }
}
