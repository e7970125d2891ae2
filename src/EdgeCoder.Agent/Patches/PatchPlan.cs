using EdgeCoder.Agent.Files;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Patches;

/// <summary>What a patch comes to for the files as they are: everything is known and checked before anything is written.</summary>
internal sealed class PatchPlan
{
    private readonly ProjectFiles _files;
    private readonly List<PlannedFile> _planned = [];
    private readonly List<string> _notes = [];

    private PatchPlan(ProjectFiles files) => _files = files;

    /// <summary>The files, in the order of the patch.</summary>
    public IReadOnlyList<PlannedFile> Files => _planned;

    /// <summary>What had to be tolerated.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Plans a patch. Throws <see cref="ToolException"/> for the first part that cannot be done.</summary>
    public static PatchPlan Of(ProjectFiles files, IReadOnlyList<PatchSection> sections)
    {
        var plan = new PatchPlan(files);
        foreach (var section in sections)
        {
            plan.Add(section);
        }

        return plan;
    }

    /// <summary>Writes everything; on the first failure what was written is taken back and a <see cref="ToolException"/> says what happened.</summary>
    public void Apply()
    {
        var done = new Stack<Action>();
        try
        {
            foreach (var file in _planned)
            {
                Apply(file, done);
            }
        }
        catch (Exception fault) when (fault is ToolException or IOException)
        {
            var left = TakeBack(done);
            throw new ToolException(left.Count == 0 ? $"{fault.Message} The patch was taken back whole: no file was changed." : $"{fault.Message} Taking the patch back failed for: {string.Join("; ", left)}");
        }
    }

    private void Apply(PlannedFile file, Stack<Action> done)
    {
        if (file is { Before: { } before, After: { } after } && file.Target == file.Path)
        {
            _files.Replace(file.Path, before, after, whole: false);
            done.Push(() => Undo(file.Path, () => _files.Root.Write(file.Path, before.Bytes, after)));
            return;
        }

        if (file.After is { } content)
        {
            var created = _files.Create(file.Target, content, file.Mode ?? file.Before?.Mode);
            done.Push(() => Undo(file.Target, () =>
            {
                _files.Root.Delete(file.Target, content);
                _files.Root.RemoveEmpty(created);
            }));
        }

        if (file.Before is { } gone)
        {
            _files.Delete(file.Path, gone);
            done.Push(() => Undo(file.Path, () => _files.Root.Write(file.Path, gone.Bytes, null, gone.Mode)));
        }
    }

    private void Undo(ProjectPath path, Action undo)
    {
        undo();
        _files.Ledger.Forget(path);
    }

    private static List<string> TakeBack(Stack<Action> done)
    {
        var left = new List<string>();
        while (done.TryPop(out var undo))
        {
            try
            {
                undo();
            }
            catch (Exception fault) when (fault is ToolException or IOException)
            {
                left.Add(fault.Message);
            }
        }

        return left;
    }

    private void Add(PatchSection section)
    {
        var path = _files.ToWrite(section.Path);
        var target = section.MoveTo is { } name ? _files.ToWrite(name) : path;
        foreach (var touched in new[] { path, target }.Distinct())
        {
            if (_planned.Any(other => _files.Root.Comparer.Equals(other.Path.Value, touched.Value) || _files.Root.Comparer.Equals(other.Target.Value, touched.Value)))
            {
                throw new ToolException($"The patch has two sections for {touched}; put all changes of a file into one. Nothing was changed.");
            }
        }

        if ((section.Kind == PatchKind.Add || target != path) && _files.Root.Look(target) is not null)
        {
            throw new ToolException($"{target} exists already; {(section.Kind == PatchKind.Add ? "use an update section" : "choose another name")}. Nothing was changed.");
        }

        _planned.Add(section.Kind == PatchKind.Add ? New(section, path) : Existing(section, path, target));
    }

    private static PlannedFile New(PatchSection section, ProjectPath path)
    {
        var hunk = section.Hunks[0];
        if (hunk.Old.Count > 0)
        {
            throw new ToolException($"The section of the new file {path} has old lines. Nothing was changed.");
        }

        var text = string.Join('\n', hunk.Lines.Select(line => line.Text)) + (hunk.Lines.Count == 0 || hunk.NewEndsBare == true ? "" : "\n");
        return new(section.Kind, path, path, null, new FileText(text, TextEncoding.Utf8).Encode(), section.Mode, 1);
    }

    private PlannedFile Existing(PatchSection section, ProjectPath path, ProjectPath target)
    {
        var file = _files.LoadAny(path, out var binary);
        _files.CheckUnchanged(path, file);
        if (section.Kind == PatchKind.Delete)
        {
            return new(section.Kind, path, path, file, null, null, 0);
        }

        if (section.Hunks.Count == 0)
        {
            return new(section.Kind, path, target, file, file.Bytes, null, 0);
        }

        if (binary)
        {
            throw new ToolException($"{path} is a binary file and is not patched. Nothing was changed.");
        }

        var (text, notes) = HunkPlacement.Apply(path.Value, file.Text.Text, section.Hunks);
        _notes.AddRange(notes);
        return new(section.Kind, path, target, file, (file.Text with { Text = text }).Encode(), null, section.Hunks.Count);
    }
}

/// <summary>What a patch comes to for one file.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Path">Where the file is.</param>
/// <param name="Target">Where it will be.</param>
/// <param name="Before">As it is; null for a new one.</param>
/// <param name="After">As it will be; null when it goes.</param>
/// <param name="Mode">Permission bits of a new file.</param>
/// <param name="Hunks">How many changes.</param>
internal sealed record PlannedFile(PatchKind Kind, ProjectPath Path, ProjectPath Target, Loaded? Before, byte[]? After, int? Mode, int Hunks)
{
    /// <summary>One line for the model.</summary>
    public string Summary => Kind switch
    {
        PatchKind.Add => $"added {Path}",
        PatchKind.Delete => $"deleted {Path}",
        _ when Target != Path => $"renamed {Path} to {Target}{(Hunks > 0 ? $" with {Hunks} changes" : "")}",
        _ => $"changed {Path} ({Hunks} {(Hunks == 1 ? "place" : "places")})",
    };
}
