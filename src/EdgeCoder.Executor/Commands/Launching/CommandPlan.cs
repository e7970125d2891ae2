using EdgeCoder.Executor.Isolation.Entry;
using EdgeCoder.Executor.Isolation.Landlock;

namespace EdgeCoder.Executor.Commands.Launching;

/// <summary>What stands at a place of a command's root.</summary>
internal enum PlaceKind
{
    /// <summary>An empty directory.</summary>
    Directory = 1,

    /// <summary>A symbolic link.</summary>
    Link = 2,

    /// <summary>A small file that this program writes.</summary>
    Text = 3,

    /// <summary>A directory or file of the machine.</summary>
    Bind = 4,

    /// <summary>A device of the machine.</summary>
    Device = 5,

    /// <summary>A new file system: <c>tmpfs</c>, <c>proc</c> or <c>devpts</c>.</summary>
    FileSystem = 6,
}

/// <summary>One place of a command's root; later ones may lie within earlier ones.</summary>
internal sealed record CommandPlace
{
    /// <summary>What it is.</summary>
    public required PlaceKind Kind { get; init; }

    /// <summary>Full path inside.</summary>
    public required string Path { get; init; }

    /// <summary>By kind: a link's text, a file's content, the path on this machine, the type of the file system.</summary>
    public string Source { get; init; } = "";

    /// <summary>Options of a file system, as <c>name=value</c>.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>Whether a bind is of a directory.</summary>
    public bool IsDirectory { get; init; }

    /// <summary>Whether a bind may be changed.</summary>
    public bool Writable { get; init; }

    /// <summary>
    /// User and group of the machine that the launcher's unprivileged user stands for in a bind, when the launcher starts as root: what the command writes is
    /// theirs. Null: as it is.
    /// </summary>
    public (uint User, uint Group)? Owner { get; init; }
}

/// <summary>Everything the launcher is told about one command, in a sealed file in memory. Both programs compile this file.</summary>
internal sealed record CommandPlan
{
    /// <summary>Directory of the root that the launcher uses itself: the empty file and the empty directory that masks show.</summary>
    public const string OwnDirectory = "/.edgecoder";

    /// <summary>The process whose end ends everything: the launcher's parent.</summary>
    public required int HostPid { get; init; }

    /// <summary>User and group that the launcher becomes first; null when it is not started as root.</summary>
    public uint? UserId { get; init; }

    /// <summary>Whether the command stays in the machine's network namespace.</summary>
    public required bool Network { get; init; }

    /// <summary>The root, in order.</summary>
    public required IReadOnlyList<CommandPlace> Places { get; init; }

    /// <summary>Full paths inside that show as empty.</summary>
    public required IReadOnlyList<string> Masks { get; init; }

    /// <summary>Working directory.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Files that may be the program; the first that is there is executed.</summary>
    public required IReadOnlyList<string> Programs { get; init; }

    /// <summary>Argument vector.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The whole environment, as <c>NAME=value</c>.</summary>
    public required IReadOnlyList<string> Environment { get; init; }

    /// <summary>Resource limits: soft, hard.</summary>
    public required IReadOnlyList<(ResourceLimit Limit, ulong Soft, ulong Hard)> Limits { get; init; }

    /// <summary>The system-call filter as <c>struct sock_filter[]</c>.</summary>
    public required byte[] Filter { get; init; }

    /// <summary>The Landlock layer; null when the kernel has none that suits.</summary>
    public LandlockLayer? Landlock { get; init; }
}
