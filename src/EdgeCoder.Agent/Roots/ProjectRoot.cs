using System.Security.Cryptography;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Roots.Native;
using EdgeCoder.Agent.Tools;
using Microsoft.Win32.SafeHandles;

namespace EdgeCoder.Agent.Roots;

/// <summary>
/// An open handle on a project's directory, through which every file operation goes: finding a path and using it are one operation, so that nothing that is
/// swapped in between leads outside (agent-executor-models 2.1). May be used by several threads.
/// </summary>
internal sealed class ProjectRoot : IDisposable
{
    private const string TemporaryPrefix = ".edgecoder-";
    private const int MostRounds = 1_000;

    private readonly IRootDirectory _directory;
    private readonly IReadOnlyList<string> _names;

    private ProjectRoot(IRootDirectory directory, string given, string real)
    {
        _directory = directory;
        _names = [real, Path.GetFullPath(given)];
        Directory = real;
        IgnoresCase = CaseProbe.IgnoresCase(directory);
    }

    /// <summary>Its real path.</summary>
    public string Directory { get; }

    /// <summary>Whether names that differ only in case are one file there.</summary>
    public bool IgnoresCase { get; }

    /// <summary>How paths within it compare.</summary>
    public StringComparer Comparer => IgnoresCase ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    private StringComparison Comparison => IgnoresCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>Opens a directory that this program made, such as a worktree. A link to it is resolved once, now.</summary>
    public static ProjectRoot Open(string directory) => Open(directory, portable: false);

    /// <summary>Opens a person's project; throws <see cref="RepositoryException"/> <c>root_refused</c> for what cannot be one.</summary>
    public static ProjectRoot OpenProject(string directory, string dataDirectory)
    {
        var root = Open(directory);
        if (RootRules.WhyNot(root.Directory, RootRules.Homes(), RealPath.Of(dataDirectory), root.Comparison) is not { } reason)
        {
            return root;
        }

        root.Dispose();
        throw Refused(directory, reason);
    }

    /// <summary>For tests: the same on the portable implementation, or with something that happens on the way.</summary>
    internal static ProjectRoot Open(string directory, bool portable, Func<IRootDirectory, IRootDirectory>? wrap = null)
    {
        try
        {
            var real = RealPath.Of(directory);
            return System.IO.Directory.Exists(real)
                ? new((wrap ?? (opened => opened))(LinuxCalls.Known && !portable ? LinuxDirectory.Open(real) : new PathDirectory(real)), directory, real)
                : throw Refused(directory, File.Exists(real) ? "it is not a directory" : "it does not exist");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Refused(directory, fault.Message);
        }
    }

    /// <summary>Reads a path that a model wrote; a <see cref="ToolException"/> says why one is refused.</summary>
    public ProjectPath Parse(string text) => ProjectPathText.Parse(text, _names, Comparison);

    /// <summary>What a path is; null when there is nothing. Links within the root are followed.</summary>
    public EntryState? Look(ProjectPath path)
    {
        using var place = Locate(path, followLast: true);
        return place.MissingParents.Length == 0 ? place.State : null;
    }

    /// <summary>Opens a regular file to read. Throws <see cref="ToolException"/> for everything else.</summary>
    /// <param name="path">The path.</param>
    /// <param name="check">Called with the real path before anything is read; throws to refuse.</param>
    public OpenedFile OpenFile(ProjectPath path, Action<ProjectPath>? check = null)
    {
        using var place = Locate(path, followLast: true);
        check?.Invoke(place.Real);
        if (place.State is not { } state)
        {
            throw new ToolException($"There is no file {path}.");
        }

        if (state.Kind != EntryKind.File)
        {
            throw new ToolException(WhyNotReadable(path, state.Kind));
        }

        var opened = Translated(path, () => place.Directory.OpenFile(place.Name, out state)) ?? throw new ToolException($"{path} changed while it was opened; try again.");
        return new(opened, place.Real, state);
    }

    /// <summary>Opens a directory whose path is real, for many files in it; null when it is not (any more), or the system cannot.</summary>
    public IRootDirectory? OpenReal(ProjectPath path) => path.IsRoot ? null : _directory.OpenBelow(path.Value);

    /// <summary>The entries of a directory, in no order.</summary>
    public List<DirectoryEntry> List(ProjectPath path)
    {
        List<DirectoryEntry> entries = [];
        Visit(path, (directory, _) => entries = Translated(path, directory.Entries));
        return entries;
    }

    /// <summary>Calls back with the directory that a path really is; for walks of the tree.</summary>
    public void Visit(ProjectPath path, Action<IRootDirectory, ProjectPath> visit)
    {
        using var place = Locate(path, followLast: true);
        if (place.Real.IsRoot)
        {
            visit(place.Directory, place.Real);
            return;
        }

        using var directory = place.State is { Kind: EntryKind.Directory } ? place.Directory.OpenDirectory(place.Name) : null;
        visit(directory ?? throw NoDirectory(path, place.State), place.Real);
    }

    /// <summary>
    /// Writes a file whole: to a new file beside it, which then takes its name, so that a hard link elsewhere keeps its content. Mode bits stay. What is
    /// there must be exactly <paramref name="original"/> at that moment, else a <see cref="ToolException"/> says so and nothing is changed.
    /// </summary>
    /// <param name="path">The path; a link within the root is followed.</param>
    /// <param name="content">All bytes.</param>
    /// <param name="original">What is there now; null: nothing is. Then parents are created.</param>
    /// <param name="mode">Permission bits of a new file; null: the usual ones.</param>
    /// <param name="check">Called with the real path before anything is written; throws to refuse.</param>
    /// <returns>Directories that were created, the outermost first.</returns>
    public IReadOnlyList<ProjectPath> Write(ProjectPath path, ReadOnlyMemory<byte> content, ReadOnlyMemory<byte>? original, int? mode = null, Action<ProjectPath>? check = null)
    {
        using var place = LocateToWrite(path, check, followLast: true);
        if (place.State is { Kind: not EntryKind.File } state)
        {
            throw new ToolException(WhyNotReadable(path, state.Kind));
        }

        if (original is null)
        {
            if (place.State is not null)
            {
                throw Changed(path);
            }

            if (place.Real.Segments.Select(ProjectPathText.WhyNotPortable).FirstOrDefault(reason => reason is not null) is { } why)
            {
                throw new ToolException($"A new file {path} is refused: {why}.");
            }
        }

        return Translated(path, () => Write(place, path, content, original, original is null ? mode : place.State?.Mode));
    }

    /// <summary>Deletes a regular file that is exactly <paramref name="original"/>; otherwise a <see cref="ToolException"/> says so and nothing is changed. Links are refused.</summary>
    public void Delete(ProjectPath path, ReadOnlyMemory<byte> original, Action<ProjectPath>? check = null)
    {
        using var place = LocateToWrite(path, check, followLast: false);
        if (place.State is { Kind: not EntryKind.File } state)
        {
            throw new ToolException(state.Kind == EntryKind.Link ? $"{path} is a link; it is not deleted or renamed by this tool." : WhyNotReadable(path, state.Kind));
        }

        Translated(path, () =>
        {
            // It is taken aside first: what is looked at then can be nobody else's any more.
            var aside = TemporaryName();
            if (place.State is null || !place.Directory.Rename(place.Name, aside))
            {
                throw Changed(path);
            }

            if (!Holds(place.Directory, aside, original))
            {
                PutBack(place, aside);
                throw Changed(path);
            }

            place.Directory.Delete(aside);
            return true;
        });
    }

    /// <summary>Removes directories that are empty, the last first: what a write that is taken back had created.</summary>
    public void RemoveEmpty(IReadOnlyList<ProjectPath> directories)
    {
        foreach (var path in directories.Reverse())
        {
            using var place = Locate(path, followLast: false);
            if (place.State is { Kind: EntryKind.Directory })
            {
                place.Directory.DeleteEmptyDirectory(place.Name);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _directory.Dispose();

    /// <summary>Whether a name is that of a file that is being written, or was when the machine went down.</summary>
    public static bool IsTemporary(string name) => name.StartsWith(TemporaryPrefix, StringComparison.Ordinal) && name.EndsWith(".tmp", StringComparison.Ordinal);

    private static string TemporaryName() => TemporaryPrefix + RandomNumberGenerator.GetHexString(16, lowercase: true) + ".tmp";

    private Place Locate(ProjectPath path, bool followLast) => Translated(path, () => PlaceSearch.Find(_directory, _names, Comparison, path, followLast));

    private Place LocateToWrite(ProjectPath path, Action<ProjectPath>? check, bool followLast)
    {
        RefuseProtected(path, path);
        var place = Locate(path, followLast);
        try
        {
            RefuseProtected(path, place.Real);
            check?.Invoke(place.Real);
            return path.IsRoot ? throw new ToolException("The project's root is not a file.") : place;
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    private static void RefuseProtected(ProjectPath asked, ProjectPath path)
    {
        if (ProtectedNames.WhyNot(path) is { } reason)
        {
            throw new ToolException($"Writing {asked} is refused: {reason}.");
        }
    }

    private IReadOnlyList<ProjectPath> Write(Place place, ProjectPath path, ReadOnlyMemory<byte> content, ReadOnlyMemory<byte>? original, int? mode)
    {
        var created = new List<ProjectPath>();
        var opened = new List<IRootDirectory>();
        var at = place.Real.Parent;
        for (var i = 1; i < place.MissingParents.Length; i++)
        {
            at = at.Parent;
        }

        try
        {
            var directory = place.Directory;
            foreach (var name in place.MissingParents)
            {
                directory.CreateDirectory(name);
                created.Add(at);
                at = created.Count < place.MissingParents.Length ? at.Child(place.MissingParents[created.Count]) : at;
                directory = directory.OpenDirectory(name) ?? throw Changed(path);
                opened.Add(directory);
            }

            Put(directory, place.Name, path, content, original, mode);
            return created;
        }
        catch
        {
            RemoveEmpty(created);
            throw;
        }
        finally
        {
            opened.ForEach(directory => directory.Dispose());
        }
    }

    private static void Put(IRootDirectory directory, string name, ProjectPath path, ReadOnlyMemory<byte> content, ReadOnlyMemory<byte>? original, int? mode)
    {
        var temporary = TemporaryName();
        var ours = true;
        try
        {
            using (var file = directory.CreateFile(temporary, mode))
            {
                RandomAccess.Write(file, content.Span, 0);
                RandomAccess.FlushToDisk(file);
            }

            if (original is null)
            {
                ours = !directory.Rename(temporary, name);
                if (ours)
                {
                    throw Changed(path);
                }
            }
            else
            {
                ours = Replace(directory, temporary, name, original.Value, path);
            }
        }
        finally
        {
            if (ours)
            {
                DeleteQuietly(directory, temporary);
            }
        }
    }

    /// <summary>The temporary file takes the name of the target, whose content is then seen under the temporary name: compared where nobody else writes to it.</summary>
    /// <returns>Whether the temporary name is now for this program to delete.</returns>
    private static bool Replace(IRootDirectory directory, string temporary, string name, ReadOnlyMemory<byte> original, ProjectPath path)
    {
        var written = directory.Look(temporary);
        if (!directory.Exchange(temporary, name))
        {
            if (!Holds(directory, name, original))
            {
                throw Changed(path);
            }

            directory.RenameOver(temporary, name);
            return false;
        }

        if (Holds(directory, temporary, original))
        {
            return true;
        }

        GiveBack(directory, temporary, name, written);
        DeleteQuietly(directory, temporary);
        throw Changed(path);
    }

    /// <summary>
    /// Somebody changed the file since it was read, and what they wrote is under the temporary name: it goes back. What comes out for it is what was put there
    /// before, unless somebody wrote again meanwhile; then that is newer and goes back in turn.
    /// </summary>
    private static void GiveBack(IRootDirectory directory, string temporary, string name, EntryState? written)
    {
        var put = written;
        for (var round = 0; round < MostRounds; round++)
        {
            var theirs = directory.Look(temporary);
            if (!directory.Exchange(temporary, name))
            {
                // The name is free now: somebody deleted the file.
                directory.Rename(temporary, name);
                return;
            }

            if (directory.Look(temporary) == put)
            {
                return;
            }

            put = theirs;
        }

        var kept = $"{name}.kept-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        directory.Rename(temporary, kept);
        throw new ToolException($"{name} is written by others without a pause; what they wrote last is there or in {kept} beside it.");
    }

    private void PutBack(Place place, string aside)
    {
        if (!place.Directory.Rename(aside, place.Name))
        {
            throw new ToolException($"{place.Real} was written anew while it was deleted; what was there before is in {aside} beside it.");
        }
    }

    private static bool Holds(IRootDirectory directory, string name, ReadOnlyMemory<byte> content)
    {
        using var file = directory.OpenFile(name, out _);
        return file is not null && OpenedFile.Holds(file, content.Span);
    }

    private static void DeleteQuietly(IRootDirectory directory, string name)
    {
        try
        {
            directory.Delete(name);
        }
        catch (IOException)
        {
            // It was not created, or is gone.
        }
    }

    private static ToolException NoDirectory(ProjectPath path, EntryState? state) => new(state is null ? $"There is no directory {path}." : $"{path} is not a directory.");

    private static string WhyNotReadable(ProjectPath path, EntryKind kind) => kind switch
    {
        EntryKind.Directory => $"{path} is a directory; use list_directory.",
        EntryKind.Special => $"{path} is a device, socket or pipe: these are neither read nor written.",
        _ => $"{path} is a link that changes; try again.",
    };

    private static ToolException Changed(ProjectPath path) => new($"{path} changed since it was read; read it again and repeat the change. Nothing was written.");

    private static RepositoryException Refused(string directory, string reason) =>
        new("root_refused", $"{directory} cannot be the root of a project: {reason}.", "Go to the directory of a project, or name one.");

    private static T Translated<T>(ProjectPath path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw DiskFault.ToTool(path, fault);
        }
    }
}
