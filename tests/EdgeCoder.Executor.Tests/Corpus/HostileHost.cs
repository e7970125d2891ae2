using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace EdgeCoder.Executor.Tests.Corpus;

/// <summary>What a hostile program would reach if it got out: a secret file, a variable, a TCP port, a Unix socket. And whether it did.</summary>
internal sealed class HostileHost : IDisposable
{
    public const string Secret = "CANARY-FILE-5f2c";
    private const string Variable = "CANARY_SECRET_TOKEN";
    private const string VariableValue = "CANARY-ENV-77b1";
    private const string PortInCorpus = "47811";

    private readonly Socket tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket unix = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string directory = System.IO.Directory.CreateTempSubdirectory("edgecoder-hostile-").FullName;
    private readonly HashSet<string> before;
    private readonly ExecutorFixture fixture;

    public HostileHost(ExecutorFixture fixture)
    {
        this.fixture = fixture;
        File.SetUnixFileMode(directory, (UnixFileMode)0x1FF);
        File.WriteAllText(Path.Combine(directory, "secret.txt"), Secret);
        Environment.SetEnvironmentVariable(Variable, VariableValue);
        tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        tcp.Listen();
        var path = Path.Combine(directory, "socket");
        unix.Bind(new UnixDomainSocketEndPoint(path));
        File.SetUnixFileMode(path, (UnixFileMode)0x1FF);
        unix.Listen();
        before = [.. System.IO.Directory.EnumerateFileSystemEntries(directory)];
    }

    public string Directory => directory;

    /// <summary>A program of the corpus with this host's directory and port for the ones that it names, so that several hosts can be there at once.</summary>
    public string Address(string program) => program
        .Replace("@CANARY_DIR@", directory, StringComparison.Ordinal)
        .Replace(PortInCorpus, ((IPEndPoint)tcp.LocalEndPoint!).Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    /// <summary>What a program got out, in words; empty when nothing.</summary>
    public IReadOnlyList<string> Escapes(string output)
    {
        var found = new List<string>();
        if (tcp.Poll(0, SelectMode.SelectRead))
        {
            found.Add("connected to the port");
        }

        if (unix.Poll(0, SelectMode.SelectRead))
        {
            found.Add("connected to the socket");
        }

        found.AddRange(System.IO.Directory.EnumerateFileSystemEntries(directory).Except(before).Select(path => $"wrote {path}"));
        found.AddRange(new[] { "/etc/pwned", "/usr/pwned", "/usr/lib/pwned.py", "/var/tmp/pwned", "/dev/shm/pwned", Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "pwned"), "/pwned" }.Where(File.Exists).Select(path => $"wrote {path}"));
        if (File.ReadAllText(Path.Combine(directory, "secret.txt")) != Secret)
        {
            found.Add("changed the secret");
        }

        found.AddRange(new[] { Secret, VariableValue, "ESCAPED" }.Where(word => output.Contains(word, StringComparison.Ordinal)).Select(word => $"printed {word}"));
        if (!NothingIsLeft(fixture))
        {
            found.Add(WhatIsLeft(fixture));
        }

        return found;
    }

    /// <summary>Processes of this test's own that live in a sandbox: in another process namespace, or below a launcher.</summary>
    public static IReadOnlyList<int> SandboxedProcesses() => SandboxedProcesses(Environment.ProcessId);

    /// <summary>The same, below another process.</summary>
    public static IReadOnlyList<int> SandboxedProcesses(int host)
    {
        // One look at all processes: this is asked many times for each program.
        var parents = Parents();
        return [.. parents.Keys.Where(pid => Ancestors(parents, pid).Contains(host)).Where(pid => InNamespace(pid) || Ancestors(parents, pid).TakeWhile(above => above != host).Any(IsLauncher))];
    }

    /// <summary>Waits until no sandboxed process is left but those that executors keep for the runs to come; what was killed needs a moment to be gone.</summary>
    public static bool NothingIsLeft(ExecutorFixture fixture) => SpinWait.SpinUntil(() => SandboxedProcesses().Count <= fixture.Kept, TimeSpan.FromMinutes(2));

    /// <summary>The command line of a process; empty when it has ended.</summary>
    public static string CommandLine(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }

    /// <summary>For a message.</summary>
    public static string WhatIsLeft(ExecutorFixture fixture) =>
        $"{fixture.Kept} are kept of {string.Join(", ", SandboxedProcesses().Select(pid => $"{pid} {Status(pid, "Name:")} {Status(pid, "State:")} below {string.Join('<', Ancestors(Parents(), pid))}"))}";

    public void Dispose()
    {
        tcp.Dispose();
        unix.Dispose();
        System.IO.Directory.Delete(directory, recursive: true);
    }

    private static Dictionary<int, int> Parents()
    {
        var parents = new Dictionary<int, int>();
        foreach (var entry in System.IO.Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(entry.AsSpan()), out var pid) && Status(pid, "PPid:") is { } parent)
            {
                parents[pid] = int.Parse(parent, CultureInfo.InvariantCulture);
            }
        }

        return parents;
    }

    private static IEnumerable<int> Ancestors(Dictionary<int, int> parents, int pid)
    {
        for (var at = parents.GetValueOrDefault(pid); at > 1; at = parents.GetValueOrDefault(at))
        {
            yield return at;
        }
    }

    private static bool InNamespace(int pid) => Status(pid, "NSpid:") is { } ids && ids.Split('\t', StringSplitOptions.RemoveEmptyEntries).Length > 1;

    private static bool IsLauncher(int pid) => Status(pid, "Name:") is "edgecoder-launc" && !InNamespace(pid);

    private static string? Status(int pid, string field)
    {
        try
        {
            return File.ReadLines($"/proc/{pid}/status").FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal))?[field.Length..].Trim();
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }
}
