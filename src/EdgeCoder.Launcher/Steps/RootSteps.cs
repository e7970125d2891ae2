using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Isolation.Launcher;
using EdgeCoder.Launcher.Calls;

namespace EdgeCoder.Launcher.Steps;

/// <summary>
/// A root of its own, in the child's mount namespace. Steps: 1 nothing propagates to the host; 2 what will be visible is taken, read-only, while the old root
/// is still there; 3 an empty file system; 4 its directories, links and files; 5 what was taken is put in; 6 the runner's files; 7 the scratch directory;
/// 8 the root becomes read-only; 9 it replaces the old one, which is let go (pivot_root(2), "pivot_root(".", ".")"); 10 a host name.
/// </summary>
internal static unsafe class RootSteps
{
    private const long Recursive = 0x4000; // MS_REC
    private const long Private = 1 << 18;
    private const long ReadOnlyMount = 1;
    private const long NoSuidNoDevNoExec = 2 | 4 | 8;
    private const long Remount = 32;
    private const long Detach = 2;
    private const long CloneTree = 1; // OPEN_TREE_CLONE
    private const long WholeTree = 0x8000; // AT_RECURSIVE
    private const long FromEmptyPath = 4; // MOVE_MOUNT_F_EMPTY_PATH
    private const ulong AttributeReadOnly = 1;
    private const ulong AttributeNoSuid = 2;
    private const ulong AttributeNoDev = 4;
    private const ulong AttributeNoExec = 8;
    private const long AttributeBytes = 32;
    private const long CreateNew = 0x1 | 0x40 | 0x80; // O_WRONLY, O_CREAT, O_EXCL
    private const long DirectoryMode = 0x1ED; // 0755
    private const long FileMode = 0x124; // 0444
    private const int InodesBeyondFiles = 64;

    /// <summary>Adds them.</summary>
    public static void Add(CallList calls, LaunchPlan plan)
    {
        var here = Memory.Text(".");
        var root = Memory.Text("/");
        var tmpfs = Memory.Text("tmpfs");
        var content = plan.RunnerFiles.Sum(file => file.Content.Length + 4096L);
        var layout = new RootLayout(plan);

        // 1.
        calls.For("keep its mounts to itself");
        calls.Add("mount", 0, root, 0, Recursive | Private, 0);

        // 2.
        var taken = plan.Mounts.Where(mount => mount.Kind != MountKind.Link)
            .Select(mount => (mount.Path, Tree: Take(calls, mount.Path, AttributeReadOnly | AttributeNoSuid | AttributeNoDev)))
            .Concat(plan.Devices.Select(device => (Path: device, Tree: Take(calls, device, AttributeReadOnly | AttributeNoSuid | AttributeNoExec))))
            .ToList();

        // 3.
        calls.For("make a root of its own");
        calls.Add("umask", 0);
        calls.Add("mount", tmpfs, Memory.Text("/tmp"), tmpfs, NoSuidNoDevNoExec, Memory.Text($"size={content + 65536},nr_inodes={layout.Count + plan.RunnerFiles.Count + InodesBeyondFiles},mode=0755"));
        calls.Add("chdir", Memory.Text("/tmp"));

        // 4.
        foreach (var directory in layout.Directories)
        {
            calls.Add("mkdirat", Kernel.CurrentDirectory, Memory.Text(directory), DirectoryMode);
        }

        foreach (var link in layout.Links)
        {
            calls.Add("symlinkat", Memory.Text(link.Target), Kernel.CurrentDirectory, Memory.Text(RootLayout.Inside(link.Path)));
        }

        foreach (var file in layout.Files)
        {
            Create(calls, file, []);
        }

        // 5.
        foreach (var (path, tree) in taken)
        {
            calls.For($"put {path} into its root");
            calls.Add("move_mount", tree, Memory.Text(""), Kernel.CurrentDirectory, Memory.Text(RootLayout.Inside(path)), FromEmptyPath);
            calls.Add("close", tree);
        }

        // 6.
        calls.For("write the runner's files");
        foreach (var (name, bytes) in plan.RunnerFiles)
        {
            Create(calls, RootLayout.RunnerDirectory + "/" + name, bytes);
        }

        // 7. The children of a zygote mount their own.
        if (!plan.Zygote)
        {
            calls.For("mount the scratch directory");
            calls.Add("mount", tmpfs, Memory.Text(RootLayout.Scratch), tmpfs, NoSuidNoDevNoExec, Memory.Text($"size={plan.ScratchBytes},nr_inodes={plan.ScratchFiles},mode=0700"));
        }

        // 8.
        calls.For("make its root read-only");
        calls.Add("mount", 0, here, 0, Remount | ReadOnlyMount | NoSuidNoDevNoExec, 0);

        // 9.
        calls.For("enter its root");
        calls.Add("pivot_root", here, here);
        calls.Add("umount2", here, Detach);
        calls.Add("chdir", root);

        // 10.
        calls.For("name its host");
        calls.Add("sethostname", Memory.Text("sandbox"), "sandbox".Length);
    }

    private static CallArgument Take(CallList calls, string path, ulong attributes)
    {
        calls.For($"read {path}");
        var tree = calls.Keep("open_tree", Kernel.CurrentDirectory, Memory.Text(path), CloneTree | Kernel.CloseOnExec | WholeTree);
        calls.Add("mount_setattr", tree, Memory.Text(""), Kernel.EmptyPath | WholeTree, Memory.Words(attributes, 0, 0, 0), AttributeBytes);
        return tree;
    }

    private static void Create(CallList calls, string path, byte[] content)
    {
        var file = calls.Keep("openat", Kernel.CurrentDirectory, Memory.Text(path), CreateNew | Kernel.CloseOnExec, FileMode);
        calls.AddWhole("write", content.Length, file, Memory.Bytes(content), content.Length);
        calls.Add("close", file);
    }
}
