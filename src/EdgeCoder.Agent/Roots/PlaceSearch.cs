using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Roots;

/// <summary>
/// Finds where a path really is, component by component from the root's open directory (agent-executor-models 2.1). Each component is opened without
/// following links; links are read and followed here, where it is seen when one leaves the root.
/// </summary>
internal sealed class PlaceSearch : IDisposable
{
    private const int MostLinks = 40;

    private readonly IRootDirectory _root;
    private readonly IReadOnlyList<string> _roots;
    private readonly StringComparison _comparison;
    private readonly ProjectPath _path;
    private readonly Stack<(string Segment, bool OfLink)> _pending = new();
    private readonly List<(IRootDirectory Directory, string Name)> _opened = [];
    private int _links;

    private PlaceSearch(IRootDirectory root, IReadOnlyList<string> roots, StringComparison comparison, ProjectPath path)
    {
        _root = root;
        _roots = roots;
        _comparison = comparison;
        _path = path;
        Push(path.Segments, ofLink: false);
    }

    private IRootDirectory Current => _opened.Count == 0 ? _root : _opened[^1].Directory;

    private ProjectPath CurrentPath => new(string.Join('/', _opened.Select(step => step.Name)));

    /// <summary>Finds it. Throws <see cref="ToolException"/> when a link leaves the root, leads nowhere or round in a circle, or a file stands where a directory must.</summary>
    public static Place Find(IRootDirectory root, IReadOnlyList<string> roots, StringComparison comparison, ProjectPath path, bool followLast)
    {
        if (!path.IsRoot && Direct(root, path, followLast) is { } direct)
        {
            return direct;
        }

        using var search = new PlaceSearch(root, roots, comparison, path);
        return search.Walk(followLast);
    }

    /// <inheritdoc/>
    public void Dispose() => _opened.ForEach(step => step.Directory.Dispose());

    /// <summary>The ordinary case, no link on the way, in one step of the kernel.</summary>
    private static Place? Direct(IRootDirectory root, ProjectPath path, bool followLast)
    {
        var parent = path.Parent.IsRoot ? root : root.OpenBelow(path.Parent.Value);
        if (parent is null)
        {
            return null;
        }

        var state = parent.Look(path.Name);
        var owned = !path.Parent.IsRoot;
        if (followLast && state is { Kind: EntryKind.Link })
        {
            new Place(parent, owned, path, state, []).Dispose();
            return null;
        }

        return new(parent, owned, path, state, []);
    }

    private Place Walk(bool followLast)
    {
        while (_pending.TryPop(out var next))
        {
            if (next.Segment == "..")
            {
                Leave();
                continue;
            }

            var state = Current.Look(next.Segment);
            var last = _pending.Count == 0;
            if (state is null)
            {
                return Missing(next);
            }

            if (state.Value.Kind == EntryKind.Link && (!last || followLast))
            {
                Follow(next.Segment);
            }
            else if (last)
            {
                return Found(next.Segment, state);
            }
            else
            {
                Enter(next, state.Value.Kind);
            }
        }

        // The root itself, or a link that ended at a directory by "..".
        var name = _opened.Count == 0 ? null : _opened[^1].Name;
        if (name is null)
        {
            return new(_root, false, ProjectPath.Root, new EntryState(EntryKind.Directory, 0, 0, 0, 0, 0), []);
        }

        _opened[^1].Directory.Dispose();
        _opened.RemoveAt(_opened.Count - 1);
        return Found(name, Current.Look(name));
    }

    private void Enter((string Segment, bool OfLink) next, EntryKind kind)
    {
        if (kind != EntryKind.Directory)
        {
            throw new ToolException($"{CurrentPath.Child(next.Segment)} is not a directory, so there is no {_path}.");
        }

        if (Current.OpenDirectory(next.Segment) is { } directory)
        {
            _opened.Add((directory, next.Segment));
        }
        else
        {
            // Something else took its place since the look; it is looked at again, a bounded number of times.
            CountLink();
            _pending.Push(next);
        }
    }

    private void Follow(string segment)
    {
        CountLink();
        string target;
        try
        {
            target = Current.ReadLink(segment);
        }
        catch (IOException)
        {
            _pending.Push((segment, true)); // It is no link any more.
            return;
        }

        if (Path.IsPathRooted(target))
        {
            target = ProjectPathText.Within(target, _roots, _comparison) ?? throw Leaves();
            _opened.ForEach(step => step.Directory.Dispose());
            _opened.Clear();
        }

        Push(target.Split('/', StringSplitOptions.RemoveEmptyEntries), ofLink: true);
    }

    private void Leave()
    {
        if (_opened.Count == 0)
        {
            throw Leaves();
        }

        _opened[^1].Directory.Dispose();
        _opened.RemoveAt(_opened.Count - 1);
    }

    private Place Missing((string Segment, bool OfLink) next)
    {
        var rest = _pending.ToArray();
        if (next.OfLink || rest.Any(step => step.OfLink))
        {
            throw new ToolException($"{_path} leads through a link to something that does not exist.");
        }

        string[] names = [next.Segment, .. rest.Select(step => step.Segment)];
        var real = new ProjectPath(string.Join('/', [.. _opened.Select(step => step.Name), .. names]));
        return Take(real, null, names[..^1]);
    }

    private Place Found(string name, EntryState? state) => Take(CurrentPath.Child(name), state, []);

    private Place Take(ProjectPath real, EntryState? state, string[] missing)
    {
        var place = new Place(Current, _opened.Count > 0, real, state, missing);
        if (_opened.Count > 0)
        {
            _opened.RemoveAt(_opened.Count - 1); // The place owns it now.
        }

        return place;
    }

    private void Push(string[] segments, bool ofLink)
    {
        for (var i = segments.Length - 1; i >= 0; i--)
        {
            if (segments[i] != ".")
            {
                _pending.Push((segments[i], ofLink));
            }
        }
    }

    private void CountLink()
    {
        if (++_links > MostLinks)
        {
            throw new ToolException($"{_path} leads through too many links.");
        }
    }

    private ToolException Leaves() => new($"The path {_path} is refused: a link on it leaves the project's root.");
}
