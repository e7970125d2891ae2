using EdgeCoder.Agent.Ignores;
using EdgeCoder.Agent.Roots;
using EdgeCoder.Agent.Secrets;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Files;

/// <summary>The files of one session: containment, secret-file policy, protected files and what was read, in one place, so that no tool can leave one out.</summary>
internal sealed class ProjectFiles(ProjectRoot root, SecretFilePolicy secrets, IgnoreRules ignores, ReadLedger ledger, IReadOnlyList<string>? protectedGlobs = null)
{
    /// <summary>Largest file that a tool reads or changes whole.</summary>
    public const int LargestFile = 16 << 20;

    private readonly IReadOnlyList<PathGlob> _protected = [.. (protectedGlobs ?? []).Select(glob => new PathGlob(glob))];

    /// <summary>The root.</summary>
    public ProjectRoot Root => root;

    /// <summary>The ignore rules.</summary>
    public IgnoreRules Ignores => ignores;

    /// <summary>The secret-file policy.</summary>
    public SecretFilePolicy Secrets => secrets;

    /// <summary>What was read.</summary>
    public ReadLedger Ledger => ledger;

    /// <summary>The path of an argument, for reading its content: one that leaves or is denied is refused.</summary>
    public ProjectPath ToRead(string text)
    {
        var path = root.Parse(text);
        secrets.Check(path);
        return path;
    }

    /// <summary>The path of an argument, for writing.</summary>
    public ProjectPath ToWrite(string text)
    {
        var path = ToRead(text);
        if (path.IsRoot || text.EndsWith('/'))
        {
            throw new ToolException($"{text} names a directory; name a file.");
        }

        CheckWrite(path);
        return path;
    }

    /// <summary>Opens a file; its real path is checked against the policy before a byte is read.</summary>
    public OpenedFile Open(ProjectPath path) => root.OpenFile(path, secrets.Check);

    /// <summary>The whole text of a file that is to be changed. Throws <see cref="ToolException"/> for binary and oversized ones.</summary>
    public Loaded Load(ProjectPath path)
    {
        var file = LoadAny(path, out var binary);
        return binary ? throw new ToolException($"{path} is a binary file and is not changed by this tool.") : file;
    }

    /// <summary>The same for any file; the text of a binary one is its bytes.</summary>
    public Loaded LoadAny(ProjectPath path, out bool binary)
    {
        using var file = Open(path);
        if (file.Length > LargestFile)
        {
            throw new ToolException($"{path} has {file.Length} bytes; files over {LargestFile} bytes are not changed by this tool.");
        }

        byte[] bytes;
        try
        {
            bytes = file.Read(LargestFile);
        }
        catch (IOException fault)
        {
            throw DiskFault.ToTool(path, fault);
        }

        var text = FileText.Decode(bytes);
        binary = text is null;
        return new(file.Real, bytes, text ?? new(System.Text.Encoding.Latin1.GetString(bytes), TextEncoding.Latin1), file.State.Mode);
    }

    /// <summary>The file when it is there; null when nothing is.</summary>
    public Loaded? LoadIfThere(ProjectPath path) => root.Look(path) is null ? null : Load(path);

    /// <summary>Throws <see cref="ToolException"/> when the session read a file and it is another one now.</summary>
    public void CheckUnchanged(ProjectPath path, Loaded file)
    {
        if (ledger.Of(file.Real, file.Bytes) == ReadState.Changed)
        {
            throw new ToolException($"{path} changed since it was read; read it again, then repeat the change. Nothing was written.");
        }
    }

    /// <summary>Writes over exactly what was loaded.</summary>
    public void Replace(ProjectPath path, Loaded file, byte[] content, bool whole)
    {
        root.Write(path, content, file.Bytes, check: CheckWrite);
        ledger.NoteWritten(file.Real, content, whole);
    }

    /// <summary>Writes a new file; gives the directories that were created for it.</summary>
    public IReadOnlyList<ProjectPath> Create(ProjectPath path, byte[] content, int? mode = null)
    {
        var created = root.Write(path, content, null, mode, CheckWrite);
        ledger.NoteWritten(path, content, whole: true);
        return created;
    }

    /// <summary>Deletes exactly what was loaded.</summary>
    public void Delete(ProjectPath path, Loaded file)
    {
        root.Delete(path, file.Bytes, CheckWrite);
        ledger.Forget(file.Real);
    }

    /// <summary>Throws <see cref="ToolException"/> when a path may not be written.</summary>
    public void CheckWrite(ProjectPath path)
    {
        secrets.Check(path);
        if (ProtectedNames.WhyNot(path) is { } reason)
        {
            throw new ToolException($"Writing {path} is refused: {reason}.");
        }

        if (_protected.Any(glob => glob.IsMatch(path.Value)))
        {
            throw new ToolException($"{path} is protected: the task says that it may not be changed. Change the program, not this file.");
        }
    }
}

/// <summary>A file as it was loaded.</summary>
/// <param name="Real">Its path without links.</param>
/// <param name="Bytes">All bytes.</param>
/// <param name="Text">Its text.</param>
/// <param name="Mode">Its permission bits.</param>
internal sealed record Loaded(ProjectPath Real, byte[] Bytes, FileText Text, int Mode);
