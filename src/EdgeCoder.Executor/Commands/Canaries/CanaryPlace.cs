using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace EdgeCoder.Executor.Commands.Canaries;

/// <summary>What the canaries try to reach: a secret beside their own directory, a masked file in it, listeners of this machine, a thread of this process.</summary>
internal sealed class CanaryPlace : IDisposable
{
    /// <summary>Where the canaries see their programs.</summary>
    public const string Programs = "/project/canary";

    /// <summary>Where they may write.</summary>
    public const string Work = "/project/work";

    /// <summary>A file of their own that is masked.</summary>
    public const string MaskedName = ".env";

    /// <summary>A file of theirs that they may read, and whose owner they are: only the mount forbids to write it.</summary>
    public const string ReadableName = "readable";

    private readonly DirectoryInfo root;
    private readonly Socket tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket local = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    /// <summary>Makes it in a data directory.</summary>
    public CanaryPlace(string dataDirectory)
    {
        root = Directory.CreateDirectory(Path.Combine(dataDirectory, "executor", "canaries-" + RandomNumberGenerator.GetHexString(16, lowercase: true)));
        ProgramDirectory = root.CreateSubdirectory("programs").FullName;
        WorkDirectory = root.CreateSubdirectory("work").FullName;
        Secret = Path.Combine(root.FullName, "secret");
        File.WriteAllText(Secret, "nobody inside may read this");
        File.WriteAllText(Path.Combine(ProgramDirectory, MaskedName), "nor this");
        File.WriteAllText(Path.Combine(ProgramDirectory, ReadableName), "but not changed");
        AbstractName = "edgecoder-canary-" + RandomNumberGenerator.GetHexString(16, lowercase: true);
        try
        {
            tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            tcp.Listen();
            local.Bind(new UnixDomainSocketEndPoint("\0" + AbstractName));
            local.Listen();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Their programs' directory on this machine.</summary>
    public string ProgramDirectory { get; }

    /// <summary>Their working directory on this machine.</summary>
    public string WorkDirectory { get; }

    /// <summary>A file that they do not see.</summary>
    public string Secret { get; }

    /// <summary>Port of a listener on this machine's loopback.</summary>
    public int Port => ((IPEndPoint)tcp.LocalEndPoint!).Port;

    /// <summary>Name of a local listener without a file.</summary>
    public string AbstractName { get; }

    /// <summary>Number of a thread of this process: never so small that it could be a process of the sandbox.</summary>
    public static int Thread => Directory.EnumerateDirectories("/proc/self/task").Select(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture)).Max();

    /// <summary>Writes a program.</summary>
    public string Add(string name, byte[] image)
    {
        var path = Path.Combine(ProgramDirectory, name);
        File.WriteAllBytes(path, image);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }

        return $"{Programs}/{name}";
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        tcp.Dispose();
        local.Dispose();
        root.Delete(recursive: true);
    }
}
