using EdgeCoder.Executor.Commands.Launching;
using EdgeCoder.Launcher.Calls;

namespace EdgeCoder.Launcher.Steps;

/// <summary>
/// The root of a command, in the child's mount namespace. Steps: 1 nothing propagates to the host; 2 what will be visible is taken; 3 an empty file system; 4 the places
/// in their order, each reached segment by segment from the new root without following a link, because what is mounted may hold hostile ones; 5 masks, resolved
/// as the command will resolve them; 6 the loopback comes up; 7 the root becomes read-only; 8 it replaces the old one (pivot_root(2)); 9 a host name.
/// </summary>
internal static unsafe class CommandRootSteps
{
    private const long Recursive = 0x4000; // MS_REC
    private const long Private = 1 << 18;
    private const long ReadOnlyMount = 1;
    private const long NoSuidNoDev = 2 | 4;
    private const long Remount = 32;
    private const long Detach = 2;
    private const long CloneTree = 1; // OPEN_TREE_CLONE
    private const long WholeTree = 0x8000; // AT_RECURSIVE
    private const long NoFollowAtPath = 0x100; // AT_SYMLINK_NOFOLLOW
    private const long FromEmptyPath = 4; // MOVE_MOUNT_F_EMPTY_PATH
    private const long ToEmptyPath = 0x40; // MOVE_MOUNT_T_EMPTY_PATH
    private const ulong ReadOnlyAndInert = 1 | 2 | 4 | 8;
    private const long AttributeBytes = 32;
    private const long CreateNew = 0x1 | 0x40 | 0x80; // O_WRONLY, O_CREAT, O_EXCL
    private const long PathOnly = 0x200000; // O_PATH
    private const ulong NoMagicLinks = 2; // RESOLVE_NO_MAGICLINKS
    private const ulong InRoot = 0x10; // RESOLVE_IN_ROOT
    private const long HowBytes = 24; // struct open_how
    private const long DirectoryMode = 0x1ED; // 0755
    private const long FileMode = 0x124; // 0444
    private const long SetText = 1; // FSCONFIG_SET_STRING
    private const long Create = 6; // FSCONFIG_CMD_CREATE
    private const long InternetFamily = 2;
    private const long Datagram = 2;
    private const long SetInterfaceFlags = 0x8914; // SIOCSIFFLAGS
    private const int InterfaceRequestBytes = 40; // struct ifreq
    private const int InterfaceFlagsOffset = 16;
    private const short UpAndRunning = 0x41; // IFF_UP, IFF_RUNNING
    private const string EmptyDirectory = "directory";
    private const string EmptyFile = "file";

    /// <summary>Adds them.</summary>
    /// <param name="calls">The list.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="taken">What was taken as root already; null: the child takes it itself.</param>
    public static void Add(CallList calls, CommandPlan plan, Dictionary<CommandPlace, long>? taken)
    {
        var tmpfs = Memory.Text("tmpfs");
        var here = Memory.Text(".");
        var root = Memory.Text("/");

        // 1.
        calls.For("keep its mounts to itself");
        calls.Add("mount", 0, root, 0, Recursive | Private, 0);

        // 2.
        var trees = new Dictionary<CommandPlace, CallArgument>(ReferenceEqualityComparer.Instance);
        foreach (var place in plan.Places.Where(place => place.Kind is PlaceKind.Bind or PlaceKind.Device))
        {
            trees[place] = taken is null ? Take(calls, place) : taken[place];
        }

        // 3.
        calls.For("make a root of its own");
        calls.Add("umask", 0);
        calls.Add("mount", tmpfs, Memory.Text("/tmp"), tmpfs, NoSuidNoDev, Memory.Text("size=1048576,nr_inodes=4096,mode=0755"));
        calls.Add("chdir", Memory.Text("/tmp"));
        var top = calls.Keep("openat", Kernel.CurrentDirectory, here, PathOnly | DirectoryRemoval.OpenDirectory, 0);
        MakeEmpties(calls, top);

        // 4.
        foreach (var place in plan.Places)
        {
            calls.For($"put {place.Path} into its root");
            Put(calls, top, place, trees);
        }

        // 5.
        foreach (var mask in plan.Masks)
        {
            calls.For($"mask {mask}");
            Mask(calls, top, mask);
        }

        // 6.
        if (!plan.Network)
        {
            calls.For("bring its loopback up");
            var request = Memory.Zeroed(InterfaceRequestBytes);
            "lo"u8.CopyTo(new Span<byte>(request, 2));
            *(short*)(request + InterfaceFlagsOffset) = UpAndRunning;
            var socket = calls.Keep("socket", InternetFamily, Datagram | Kernel.CloseOnExec, 0);
            calls.Add("ioctl", socket, SetInterfaceFlags, request);
            calls.Add("close", socket);
        }

        // 7.
        calls.For("make its root read-only");
        calls.Add("mount", 0, here, 0, Remount | ReadOnlyMount | NoSuidNoDev, 0);

        // 8.
        calls.For("enter its root");
        calls.Add("close", top);
        calls.Add("pivot_root", here, here);
        calls.Add("umount2", here, Detach);
        calls.Add("chdir", root);

        // 9.
        calls.For("name its host");
        calls.Add("sethostname", Memory.Text("sandbox"), "sandbox".Length);
    }

    private static CallArgument Take(CallList calls, CommandPlace place)
    {
        calls.For($"read {place.Source}");
        var tree = calls.Keep("open_tree", Kernel.CurrentDirectory, Memory.Text(place.Source), CloneTree | Kernel.CloseOnExec | WholeTree | NoFollowAtPath);
        calls.Add("mount_setattr", tree, Memory.Text(""), Kernel.EmptyPath | WholeTree, Memory.Words(OwnedTrees.Attributes(place), 0, 0, 0), AttributeBytes);
        return tree;
    }

    private static void MakeEmpties(CallList calls, CallArgument top)
    {
        var own = CommandPlan.OwnDirectory[1..];
        calls.Add("mkdirat", top, Memory.Text(own), DirectoryMode);
        calls.Add("mkdirat", top, Memory.Text($"{own}/{EmptyDirectory}"), DirectoryMode);
        calls.Add("close", calls.Keep("openat", top, Memory.Text($"{own}/{EmptyFile}"), CreateNew | Kernel.CloseOnExec, FileMode));
    }

    private static void Put(CallList calls, CallArgument top, CommandPlace place, Dictionary<CommandPlace, CallArgument> trees)
    {
        var segments = place.Path[1..].Split('/');
        var parent = Enter(calls, top, segments[..^1]);
        var name = Memory.Text(segments[^1]);
        switch (place.Kind)
        {
            case PlaceKind.Directory:
                calls.Try("mkdirat", parent, name, DirectoryMode);
                break;
            case PlaceKind.Link:
                calls.Add("symlinkat", Memory.Text(place.Source), parent, name);
                break;
            case PlaceKind.Text:
                var content = System.Text.Encoding.UTF8.GetBytes(place.Source);
                var file = calls.Keep("openat", parent, name, CreateNew | Kernel.CloseOnExec, FileMode);
                calls.AddWhole("write", content.Length, file, Memory.Bytes(content), content.Length);
                calls.Add("close", file);
                break;
            case PlaceKind.FileSystem:
                Attach(calls, parent, name, Mounted(calls, place), directory: true);
                break;
            default:
                Attach(calls, parent, name, trees[place], place.IsDirectory);
                break;
        }

        if (segments.Length > 1)
        {
            calls.Add("close", parent);
        }
    }

    // The directories above a place are made where they are missing.
    private static CallArgument Enter(CallList calls, CallArgument top, ReadOnlySpan<string> segments)
    {
        var directory = top;
        for (var i = 0; i < segments.Length; i++)
        {
            var name = Memory.Text(segments[i]);
            calls.Try("mkdirat", directory, name, DirectoryMode);
            var next = calls.Keep("openat", directory, name, PathOnly | DirectoryRemoval.OpenDirectory, 0);
            if (i > 0)
            {
                calls.Add("close", directory);
            }

            directory = next;
        }

        return directory;
    }

    private static void Attach(CallList calls, CallArgument parent, byte* name, CallArgument tree, bool directory)
    {
        var empty = Memory.Text("");
        if (directory)
        {
            calls.Try("mkdirat", parent, name, DirectoryMode);
        }
        else
        {
            // A file that is there already is as good.
            calls.Try("mknodat", parent, name, 0x8000 | FileMode, 0);
        }

        var target = calls.Keep("openat", parent, name, PathOnly | (directory ? DirectoryRemoval.OpenDirectory : DirectoryRemoval.OpenFile), 0);
        calls.Add("move_mount", tree, empty, target, empty, FromEmptyPath | ToEmptyPath);
        calls.Add("close", target);
        calls.Add("close", tree);
    }

    private static CallArgument Mounted(CallList calls, CommandPlace place)
    {
        const long CloseOnExecOfMounts = 1;
        var context = calls.Keep("fsopen", Memory.Text(place.Source), CloseOnExecOfMounts);
        foreach (var option in place.Options)
        {
            var parts = option.Split('=', 2);
            calls.Add("fsconfig", context, SetText, Memory.Text(parts[0]), Memory.Text(parts[1]), 0);
        }

        calls.Add("fsconfig", context, Create, 0, 0, 0);
        var mount = calls.Keep("fsmount", context, CloseOnExecOfMounts, (long)(place.Source == "proc" ? 2u | 4 | 8 : place.Source == "devpts" ? 2u | 8 : 2u | 4));
        calls.Add("close", context);
        return mount;
    }

    // What is not there needs no mask. Which of both it is decides the kernel: a directory is mounted on directories only, a file on anything else.
    private static void Mask(CallList calls, CallArgument top, string mask)
    {
        var empty = Memory.Text("");
        var how = Memory.Words((ulong)(PathOnly | Kernel.CloseOnExec), 0, InRoot | NoMagicLinks);
        var target = calls.KeepOrSkip("openat2", 9, top, Memory.Text(mask[1..]), how, HowBytes);
        var directory = Empty(calls, top, EmptyDirectory);
        var file = Empty(calls, top, EmptyFile);
        calls.TryElse("move_mount", 1, directory, empty, target, empty, FromEmptyPath | ToEmptyPath);
        calls.Add("move_mount", file, empty, target, empty, FromEmptyPath | ToEmptyPath);
        calls.Add("close", directory);
        calls.Add("close", file);
        calls.Add("close", target);
    }

    private static CallArgument Empty(CallList calls, CallArgument top, string name)
    {
        var tree = calls.Keep("open_tree", top, Memory.Text($"{CommandPlan.OwnDirectory[1..]}/{name}"), CloneTree | Kernel.CloseOnExec);
        calls.Add("mount_setattr", tree, Memory.Text(""), Kernel.EmptyPath, Memory.Words(ReadOnlyAndInert, 0, 0, 0), AttributeBytes);
        return tree;
    }
}
