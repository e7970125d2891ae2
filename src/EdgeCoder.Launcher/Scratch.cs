using EdgeCoder.Executor.Isolation.Launcher;

namespace EdgeCoder.Launcher;

/// <summary>
/// The directory of a program that has no file system of its own: its runner's files, and the place in which it may write. It is removed by the launcher, and if the
/// launcher is killed by the next one: who is alive holds a lock on its directory (flock(2)), which ends with the process.
/// </summary>
internal sealed unsafe class Scratch
{
    private const string Place = "/tmp/";
    private const string Prefix = "edgecoder-scratch-";
    private const string Step = "make a scratch directory in /tmp";
    private const string WritableName = "tmp";
    private const int Attempts = 100;
    private const long OwnerOnly = 0x1C0; // 0700
    private const long FileMode = 0x124; // 0444
    private const long CreateNew = 0x1 | 0x40 | 0x80; // O_WRONLY, O_CREAT, O_EXCL
    private const long LockNow = 2 | 4; // LOCK_EX, LOCK_NB
    private const int NoSuchFile = -2; // ENOENT
    private const int Busy = 16; // EBUSY

    private readonly long directory;

    private Scratch(string path, long directory)
    {
        Path = path;
        this.directory = directory;
    }

    /// <summary>Its full path.</summary>
    public string Path { get; }

    /// <summary>The directory in which the program may write.</summary>
    public string Writable => Path + "/" + WritableName;

    /// <summary>The plan with the path in its arguments, its environment and its rules.</summary>
    public LaunchPlan Complete(LaunchPlan plan) => plan with
    {
        Arguments = [.. plan.Arguments.Select(Complete)],
        Environment = [.. plan.Environment.Select(Complete)],
        Landlock = plan.Landlock! with { Rules = [.. plan.Landlock.Rules.Select(rule => rule with { Path = Complete(rule.Path) })] },
    };

    /// <summary>Removes what launchers have left that were killed, then makes a directory with the runner's files.</summary>
    public static Scratch Make(LaunchPlan plan)
    {
        foreach (var left in Directory.EnumerateDirectories(Place, Prefix + "*"))
        {
            if (Open(left) is >= 0 and var abandoned)
            {
                // One that is in use is locked, one of another user cannot be opened.
                if (Kernel.Call("flock", abandoned, LockNow) == 0)
                {
                    new Scratch(left, abandoned).Remove();
                }

                Kernel.Call("close", abandoned);
            }
        }

        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var path = Place + Prefix + RandomName.Next();
            Kernel.Must(Step, "mkdirat", Kernel.CurrentDirectory, (long)Memory.Text(path), OwnerOnly);

            // Another launcher may have taken it for one that was left, before it was locked: it is gone, or nothing can be made in it any more.
            var opened = Open(path);
            if (opened == NoSuchFile)
            {
                continue;
            }

            var scratch = new Scratch(path, Kernel.Checked(Step, opened));
            if (Kernel.Call("flock", scratch.directory, LockNow) == 0 && scratch.TryMake(WritableName))
            {
                scratch.Write(plan);
                return scratch;
            }

            Kernel.Call("close", scratch.directory);
        }

        throw new LaunchFailure(Step, Busy);
    }

    /// <summary>Removes the directory and all that is in it.</summary>
    public void Remove()
    {
        DirectoryRemoval.Empty(directory);
        Kernel.Call("unlinkat", Kernel.CurrentDirectory, (long)Memory.Text(Path), DirectoryRemoval.IsDirectory);
    }

    private bool TryMake(string name) => Kernel.Call("mkdirat", directory, (long)Memory.Text(name), OwnerOnly) switch
    {
        NoSuchFile => false,
        var result => Kernel.Checked(Step, result) >= 0,
    };

    private void Write(LaunchPlan plan)
    {
        const string Runner = "edgecoder";
        TryMake(Runner);
        foreach (var (name, content) in plan.RunnerFiles)
        {
            var file = Kernel.Must(Step, "openat", directory, (long)Memory.Text($"{Runner}/{name}"), CreateNew | Kernel.CloseOnExec, FileMode);
            Inputs.WriteAll(Step, file, content);
            Kernel.Must(Step, "close", file);
        }
    }

    private string Complete(string text) => text.Replace(LaunchPlan.ScratchMark, Path, StringComparison.Ordinal);

    private static long Open(string path) => Kernel.Call("openat", Kernel.CurrentDirectory, (long)Memory.Text(path), DirectoryRemoval.OpenDirectory);
}
