using EdgeCoder.Agent.Roots;

namespace EdgeCoder.Agent.Ignores;

/// <summary>Something that a walk came by.</summary>
/// <param name="Path">Where.</param>
/// <param name="Entry">What its directory says.</param>
/// <param name="State">What it is, of files, when that was asked for; null where it went away meanwhile or cannot be opened by name.</param>
/// <param name="Depth">1 for the entries of the start.</param>
internal readonly record struct WalkedEntry(ProjectPath Path, DirectoryEntry Entry, EntryState? State, int Depth);

/// <summary>Walks a tree by open directories, in the order of names, links not followed: it cannot leave the root and ends.</summary>
internal sealed class TreeWalk
{
    private const int Deepest = 200;

    private readonly IgnoreRules? _ignores;
    private readonly bool _hidden;
    private readonly int _depth;
    private readonly bool _states;
    private readonly CancellationToken _cancellationToken;
    private readonly Func<WalkedEntry, bool> _visit;

    private TreeWalk(IgnoreRules? ignores, bool hidden, int depth, bool states, Func<WalkedEntry, bool> visit, CancellationToken cancellationToken)
    {
        _states = states;
        _ignores = ignores;
        _hidden = hidden;
        _depth = Math.Min(depth, Deepest);
        _visit = visit;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Walks; throws <see cref="Tools.ToolException"/> when the start is no directory.</summary>
    /// <param name="root">The root.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="ignores">What to leave out; null: nothing.</param>
    /// <param name="hidden">Whether names that begin with a dot are walked.</param>
    /// <param name="depth">How deep; 1 is the start alone.</param>
    /// <param name="visit">Called for each entry, directories before what is in them; false: do not enter it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <param name="states">Whether files are looked at: their size and time.</param>
    public static void Run(ProjectRoot root, ProjectPath start, IgnoreRules? ignores, bool hidden, int depth, Func<WalkedEntry, bool> visit, CancellationToken cancellationToken, bool states = true)
    {
        var walk = new TreeWalk(ignores, hidden, depth, states, visit, cancellationToken);
        root.Visit(start, (directory, real) => walk.Directory(directory, real, real.IsRoot ? ignores?.Outermost : ignores?.ScopeOf(real.Parent), 1));
    }

    private void Directory(IRootDirectory directory, ProjectPath path, IgnoreScope? scope, int depth)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        scope = scope?.Enter(directory, path);
        List<DirectoryEntry> entries;
        try
        {
            entries = directory.Entries();
        }
        catch (IOException)
        {
            return; // Not ours to read.
        }

        entries.Sort((one, other) => string.CompareOrdinal(one.Name, other.Name));
        foreach (var entry in entries)
        {
            Entry(directory, path.Child(entry.Name), entry, scope, depth);
        }
    }

    private void Entry(IRootDirectory directory, ProjectPath path, DirectoryEntry entry, IgnoreScope? scope, int depth)
    {
        var isDirectory = entry.Kind == EntryKind.Directory;
        if ((!_hidden && entry.Name.StartsWith('.')) || ProjectRoot.IsTemporary(entry.Name) || (scope is not null && _ignores!.IsIgnored(scope, path, isDirectory)))
        {
            return;
        }

        var state = _states && entry is { Kind: EntryKind.File, Reachable: true } ? Look(directory, entry.Name) : null;
        if (!_visit(new(path, entry, state, depth)) || !isDirectory || !entry.Reachable || depth >= _depth)
        {
            return;
        }

        using var inner = directory.OpenDirectory(entry.Name);
        if (inner is not null)
        {
            Directory(inner, path, scope, depth + 1);
        }
    }

    private static EntryState? Look(IRootDirectory directory, string name)
    {
        try
        {
            return directory.Look(name);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
