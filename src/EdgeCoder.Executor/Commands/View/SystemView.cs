using EdgeCoder.Executor.Commands.Launching;

namespace EdgeCoder.Executor.Commands.View;

/// <summary>
/// What every command sees of the system, read-only: programs and libraries, the few files of <c>/etc</c> that programs ask for, and nothing of <c>/home</c>,
/// <c>/root</c>, <c>/var</c>, <c>/run</c>, <c>/sys</c>. Who the users of this machine are and what it is called is not told.
/// </summary>
internal static class SystemView
{
    /// <summary>The command's home directory.</summary>
    public const string Home = "/home/sandbox";

    /// <summary>Bytes of <c>/tmp</c>, of the home directory and of <c>/dev/shm</c>, each; they are memory.</summary>
    public const long PrivateBytes = 1L << 30;

    /// <summary>Files and directories of each of them.</summary>
    public const int PrivateFiles = 1 << 18;

    private static readonly string[] Roots = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"];

    private static readonly string[] Settings =
    [
        "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime", "/etc/mime.types", "/etc/protocols", "/etc/services",
        "/etc/os-release", "/etc/lsb-release", "/etc/debian_version", "/etc/terminfo", "/etc/locale.alias", "/etc/magic", "/etc/perl", "/etc/fonts", "/etc/dotnet",
        "/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/ca-certificates", "/etc/pki/tls/certs", "/etc/pki/ca-trust", "/etc/crypto-policies", "/nix/store",
    ];

    private static readonly string[] Devices = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

    /// <summary>The places, in order.</summary>
    /// <param name="network">Whether the machine's network is there: then names are resolved as the machine does.</param>
    public static IReadOnlyList<CommandPlace> Places(bool network) =>
    [
        .. Roots.Concat(Settings).Concat(JavaSettings()).Select(Existing).OfType<CommandPlace>(),
        Text("/etc/passwd", $"root:x:0:0:root:/:/bin/false\nsandbox:x:1000:1000:sandbox:{Home}:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"),
        Text("/etc/group", "root:x:0:\nsandbox:x:1000:\nnogroup:x:65534:\n"),
        Text("/etc/hostname", "sandbox\n"),
        Text("/etc/nsswitch.conf", network ? "passwd: files\ngroup: files\nhosts: files dns\n" : "passwd: files\ngroup: files\nhosts: files\n"),
        .. network
            ? new[] { Resolver(), Existing("/etc/hosts") }.OfType<CommandPlace>()
            : [Text("/etc/hosts", "127.0.0.1 localhost sandbox\n::1 localhost ip6-localhost ip6-loopback\n")],
        .. Devices.Where(File.Exists).Select(path => new CommandPlace { Kind = PlaceKind.Device, Path = path, Source = path }),
        Link("/dev/fd", "/proc/self/fd"), Link("/dev/stdin", "/proc/self/fd/0"), Link("/dev/stdout", "/proc/self/fd/1"), Link("/dev/stderr", "/proc/self/fd/2"),
        Memory("/dev/shm", "1777"), Memory("/tmp", "1777"), Memory(Home, "0700"),
        new() { Kind = PlaceKind.FileSystem, Path = "/dev/pts", Source = "devpts", Options = ["mode=0600", "ptmxmode=0666"] }, Link("/dev/ptmx", "pts/ptmx"),
        new() { Kind = PlaceKind.FileSystem, Path = "/proc", Source = "proc" },
    ];

    /// <summary>Places of these that can be written.</summary>
    public static IReadOnlyList<string> Writable { get; } = ["/dev", "/tmp", Home, "/proc"];

    /// <summary>A directory or file of the machine at its own place; a link as the link it is; null where there is none.</summary>
    public static CommandPlace? Existing(string path)
    {
        var directory = new DirectoryInfo(path);
        return directory.LinkTarget is { } target ? LinkOf(path, target)
            : directory.Exists ? Bind(path, path, isDirectory: true)
            : File.Exists(path) ? Bind(path, path, isDirectory: false)
            : null;
    }

    /// <summary>Something of the machine, read-only.</summary>
    public static CommandPlace Bind(string source, string target, bool isDirectory) => new() { Kind = PlaceKind.Bind, Path = target, Source = source, IsDirectory = isDirectory };

    // A link that leads to what is seen anyway stays a link; what else it leads to is put in its place.
    private static CommandPlace? LinkOf(string path, string target) =>
        Array.Exists(Roots, root => (target + "/").StartsWith(root[1..] + "/", StringComparison.Ordinal) || (target + "/").StartsWith(root + "/", StringComparison.Ordinal) || target.StartsWith("../usr/", StringComparison.Ordinal))
            ? Link(path, target)
            : new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) is { Exists: true } final ? Bind(final.FullName, path, isDirectory: false)
            : Directory.Exists(path) && new DirectoryInfo(path).ResolveLinkTarget(returnFinalTarget: true) is { Exists: true } last ? Bind(last.FullName, path, isDirectory: true)
            : null;

    // Debian keeps the settings of each Java outside its installation and links to them.
    private static IEnumerable<string> JavaSettings() => Directory.Exists("/etc") ? Directory.EnumerateDirectories("/etc", "java-*").Order(StringComparer.Ordinal) : [];

    private static CommandPlace? Resolver() => File.Exists("/etc/resolv.conf")
        ? Bind(new FileInfo("/etc/resolv.conf").ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? "/etc/resolv.conf", "/etc/resolv.conf", isDirectory: false)
        : null;

    private static CommandPlace Link(string path, string target) => new() { Kind = PlaceKind.Link, Path = path, Source = target };

    private static CommandPlace Text(string path, string content) => new() { Kind = PlaceKind.Text, Path = path, Source = content };

    private static CommandPlace Memory(string path, string mode) =>
        new() { Kind = PlaceKind.FileSystem, Path = path, Source = "tmpfs", Options = [$"size={PrivateBytes}", $"nr_inodes={PrivateFiles}", $"mode={mode}"] };
}
