using System.Globalization;
using EdgeCoder.Executor.Commands.Launching;

namespace EdgeCoder.Launcher;

/// <summary>
/// Takes what a command will see while this process is still root: the command runs as an unprivileged user, and where a place has an owner, that user stands for
/// the owner (mount_setattr(2), MOUNT_ATTR_IDMAP), so that it may change the files and they stay the owner's. Without it the command would have to be root itself,
/// whom neither limits on processes nor the modes of the kernel's own files hold.
/// </summary>
internal static unsafe class OwnedTrees
{
    private const long CloneTree = 1; // OPEN_TREE_CLONE
    private const long WholeTree = 0x8000; // AT_RECURSIVE
    private const long NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const ulong MapIds = 0x00100000; // MOUNT_ATTR_IDMAP
    private const long AttributeBytes = 32;
    private const long SignalChild = 17;
    private const long NewUser = 0x10000000;
    private const long MostIds = 65534;

    /// <summary>Attributes and descriptor of the tree, by place.</summary>
    public static Dictionary<CommandPlace, long> Take(IReadOnlyList<CommandPlace> places, uint user)
    {
        var namespaces = new Dictionary<(uint, uint), long>();
        var taken = new Dictionary<CommandPlace, long>(ReferenceEqualityComparer.Instance);
        foreach (var place in places.Where(place => place.Kind is PlaceKind.Bind or PlaceKind.Device))
        {
            var step = $"read {place.Source}";
            var tree = Kernel.Must(step, "open_tree", Kernel.CurrentDirectory, (long)Memory.Text(place.Source), CloneTree | Kernel.CloseOnExec | WholeTree | NoFollow);
            Kernel.Must(step, "mount_setattr", tree, (long)Memory.Text(""), Kernel.EmptyPath | WholeTree, (long)Memory.Words(Attributes(place), 0, 0, 0), AttributeBytes);
            if (place.Owner is { } owner && (owner.User != user || owner.Group != user))
            {
                if (!namespaces.TryGetValue(owner, out var mapping))
                {
                    namespaces[owner] = mapping = Namespace(owner, user);
                }

                var mapped = Kernel.Call("mount_setattr", tree, (long)Memory.Text(""), Kernel.EmptyPath | WholeTree, (long)Memory.Words(MapIds, 0, 0, (ulong)mapping), AttributeBytes);
                if (place.Writable)
                {
                    Kernel.Checked($"let an unprivileged user stand for the owner of {place.Source}, whose file system may not be able to map owners", mapped);
                }
            }

            taken[place] = tree;
        }

        return taken;
    }

    /// <summary>What is set on the mount of a place.</summary>
    public static ulong Attributes(CommandPlace place)
    {
        const ulong ReadOnly = 1, NoSuid = 2, NoDevices = 4, NoExecute = 8;
        return place.Kind == PlaceKind.Device ? NoSuid | NoExecute : NoSuid | NoDevices | (place.Writable ? 0 : ReadOnly);
    }

    // A user namespace that nobody lives in: a process that waits to be killed is made with it, its maps are written, and the namespace stays open.
    private static long Namespace((uint User, uint Group) owner, uint user)
    {
        const string Step = "make a map of owners";
        const long SetParentDeathSignal = 1;
        var (own, death, parent) = (Kernel.Call("getpid"), Kernel.Number("prctl"), Kernel.Number("getppid"));
        var (pause, exit) = (Kernel.Number("nanosleep"), Kernel.Number("exit_group"));
        var longest = Memory.Words(10, 0); // it is killed at once
        var child = Kernel.Call("clone", SignalChild | NewUser);
        if (child == 0)
        {
            Kernel.Syscall(death, SetParentDeathSignal, Kernel.SignalKill, 0, 0, 0, 0);
            if (Kernel.Syscall(parent, 0, 0, 0, 0, 0, 0) == own)
            {
                Kernel.Syscall(pause, (long)longest, 0, 0, 0, 0, 0);
            }

            Kernel.Syscall(exit, 0, 0, 0, 0, 0, 0);
        }

        Kernel.Checked(Step, child);
        try
        {
            var process = string.Create(CultureInfo.InvariantCulture, $"/proc/{child}/");
            Inputs.WriteFile(Step, process + "uid_map", Map(owner.User, user));
            Inputs.WriteFile(Step, process + "gid_map", Map(owner.Group, user));
            return Kernel.Must(Step, "openat", Kernel.CurrentDirectory, (long)Memory.Text(process + "ns/user"), Kernel.CloseOnExec);
        }
        finally
        {
            Kernel.Call("kill", child, Kernel.SignalKill);
            Kernel.Call("wait4", child);
        }
    }

    // The owner's files are the user's; all others keep theirs. In the file's order: id on the disk, id seen, how many.
    internal static string Map(uint owner, uint user)
    {
        var lines = new List<string> { $"{owner} {user} 1" };
        long[] gaps = [-1, Math.Min(owner, user), Math.Max(owner, user), MostIds + 1];
        for (var i = 1; i < gaps.Length; i++)
        {
            var (first, count) = (gaps[i - 1] + 1, gaps[i] - gaps[i - 1] - 1);
            if (count > 0 && first <= MostIds)
            {
                lines.Add($"{first} {first} {count}");
            }
        }

        return string.Join('\n', lines) + "\n";
    }
}
