using EdgeCoder.Agent.Workers;
using EdgeCoder.Commands;
using EdgeCoder.Settings;

namespace EdgeCoder.Workers;

/// <summary>Where a worker keeps what lasts: <c>worker/</c> in the data directory.</summary>
/// <param name="Directories">The program's.</param>
/// <param name="Folder">Which worker: <c>worker</c> is the one that a person joined, <c>self</c> the one of all-in-one.</param>
internal sealed record WorkerFiles(ProgramDirectories Directories, string Folder = "worker")
{
    private string Root => Path.Combine(Directories.Data, Folder);

    /// <summary>Keys.</summary>
    public string Keys => Path.Combine(Root, "keys");

    /// <summary>Enrolment.</summary>
    public string State => Path.Combine(Root, "worker.json");

    /// <summary>Signed results.</summary>
    public string Outbox => Path.Combine(Root, "outbox");

    /// <summary>Attempts under way.</summary>
    public string Work => Path.Combine(Root, "work");

    /// <summary>Coordinators that answered.</summary>
    public string UsualCache => Path.Combine(Root, "coordinator-cache.json");

    /// <summary>Whose keys are there; null: none.</summary>
    public string? KeyOwner => WorkerKeys.Owner(Keys);

    /// <summary>One process at a time: two with one key would take each other's leases away. Throws <see cref="WorkerException"/>.</summary>
    public IDisposable Lock()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Root);
        }
        else
        {
            Directory.CreateDirectory(Root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        try
        {
            return new FileStream(Path.Combine(Root, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new WorkerException("worker_running", $"A worker is at work in {Root}.", "Stop it first, or set EDGECODER_DATA_DIR to another directory for a second node.");
        }
    }

    /// <summary>The files of this machine.</summary>
    public static WorkerFiles Of(Surroundings surroundings) => new(surroundings.Directories());
}
