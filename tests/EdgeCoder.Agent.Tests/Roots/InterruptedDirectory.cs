using EdgeCoder.Agent.Roots;
using Microsoft.Win32.SafeHandles;

namespace EdgeCoder.Agent.Tests.Roots;

/// <summary>A directory in which somebody does something right before an entry gets another content.</summary>
internal sealed class InterruptedDirectory(IRootDirectory inner, Action<int> interruption) : IRootDirectory
{
    private int _exchanges;

    public EntryState? Look(string name) => inner.Look(name);

    public string ReadLink(string name) => inner.ReadLink(name);

    public IRootDirectory? OpenDirectory(string name) => inner.OpenDirectory(name);

    public IRootDirectory? OpenBelow(string path) => inner.OpenBelow(path);

    public SafeFileHandle? OpenFile(string name, out EntryState state) => inner.OpenFile(name, out state);

    public SafeFileHandle CreateFile(string name, int? mode) => inner.CreateFile(name, mode);

    public void CreateLink(string name, string target) => inner.CreateLink(name, target);

    public void CreateDirectory(string name) => inner.CreateDirectory(name);

    public bool Rename(string name, string newName)
    {
        interruption(_exchanges++);
        return inner.Rename(name, newName);
    }

    public bool Exchange(string name, string other)
    {
        interruption(_exchanges++);
        return inner.Exchange(name, other);
    }

    public void RenameOver(string name, string newName)
    {
        interruption(_exchanges++);
        inner.RenameOver(name, newName);
    }

    public void Delete(string name) => inner.Delete(name);

    public void DeleteEmptyDirectory(string name) => inner.DeleteEmptyDirectory(name);

    public List<DirectoryEntry> Entries() => inner.Entries();

    public void Dispose() => inner.Dispose();
}
