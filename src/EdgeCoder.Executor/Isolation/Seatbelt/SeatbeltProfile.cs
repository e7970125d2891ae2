using System.Text;
using EdgeCoder.Executor.Interpreters;

namespace EdgeCoder.Executor.Isolation.Seatbelt;

/// <summary>
/// The Seatbelt profile of one run: pure. Everything is denied; what an interpreter needs to start and to compute is allowed. There is no network, no fork, no
/// service of another process, no signal to anybody else. Written after Apple's published profiles; never run on macOS.
/// </summary>
internal static class SeatbeltProfile
{
    private static readonly string[] Libraries = ["/usr/lib", "/System/Library", "/System/Cryptexes", "/System/Volumes/Preboot/Cryptexes/OS", "/private/var/db/dyld", "/private/var/db/timezone", "/usr/share/zoneinfo"];

    private static readonly string[] Devices = ["/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"];

    // What CPython's, V8's and the C library's start ask the kernel.
    private static readonly string[] Facts =
    [
        "hw.activecpu", "hw.byteorder", "hw.cacheconfig", "hw.cachelinesize_compat", "hw.cpufamily", "hw.cputype", "hw.logicalcpu", "hw.logicalcpu_max", "hw.machine", "hw.memsize", "hw.ncpu", "hw.pagesize",
        "hw.pagesize_compat", "hw.physicalcpu", "hw.physicalcpu_max", "kern.osproductversion", "kern.osrelease", "kern.ostype", "kern.osversion", "kern.usrstack64", "kern.version", "sysctl.proc_cputype",
    ];

    // What links of the system's root mean; a profile is held against real paths.
    private static readonly string[] Linked = ["/var/", "/tmp/", "/etc/"];

    /// <summary>The profile's text.</summary>
    /// <param name="interpreter">The interpreter and what it reads.</param>
    /// <param name="runnerDirectory">Where the runner's files are.</param>
    /// <param name="scratch">Where the program may write.</param>
    /// <param name="mayExecute">Whether the interpreter is still to be executed under the profile: where sandbox-exec starts it.</param>
    /// <exception cref="ArgumentException">A path that cannot be said safely.</exception>
    public static string Text(Interpreter interpreter, string runnerDirectory, string scratch, bool mayExecute)
    {
        List<string> reads = [.. Libraries, .. interpreter.Reads.Select(RealPath), RealPath(runnerDirectory), RealPath(scratch)];
        var text = new StringBuilder("(version 1)\n(deny default)\n");
        if (mayExecute)
        {
            Rule(text, "process-exec", [$"(literal {Quote(RealPath(interpreter.Path))})"]);
        }

        Rule(text, "file-read*", [.. reads.Distinct(StringComparer.Ordinal).Select(path => $"(subpath {Quote(path)})"), .. Devices.Select(device => $"(literal {Quote(device)})")]);
        Rule(text, "file-read-metadata", [.. reads.SelectMany(Above).Distinct(StringComparer.Ordinal).Select(path => $"(literal {Quote(path)})")]);
        Rule(text, "file-write*", [$"(subpath {Quote(RealPath(scratch))})"]);
        Rule(text, "file-write-data", ["(literal \"/dev/null\")"]);
        Rule(text, "sysctl-read", [.. Facts.Select(fact => $"(sysctl-name {Quote(fact)})")]);
        Rule(text, "signal", ["(target self)"]);
        return text.ToString();
    }

    /// <summary>The path behind the links that macOS has in its root.</summary>
    public static string RealPath(string path) => Linked.Any(link => path.StartsWith(link, StringComparison.Ordinal)) ? "/private" + path : path;

    private static void Rule(StringBuilder text, string operation, IReadOnlyList<string> filters) => text.Append($"(allow {operation}\n  {string.Join("\n  ", filters)})\n");

    private static IEnumerable<string> Above(string path)
    {
        for (var directory = Path.GetDirectoryName(path); directory is not null; directory = Path.GetDirectoryName(directory))
        {
            yield return directory;
        }
    }

    private static string Quote(string path) => path.Any(char.IsControl)
        ? throw new ArgumentException("A path with control characters cannot stand in a profile.", nameof(path))
        : "\"" + path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
