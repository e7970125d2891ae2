using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace EdgeCoder.TestKit.Listeners;

/// <summary>
/// A port of loopback for a process that a test starts, perhaps several times: nobody takes it while nothing listens there. It lies outside of the range from
/// which the system gives ports to whoever asks for any, and other tests, also in other processes, are kept off by a lock on a file.
/// </summary>
public sealed class HeldPort : IDisposable
{
    // Those below are of tests that are not of .NET (extensions/vscode/test/program.real.ts).
    private const int Lowest = 12_000;
    private const int Highest = 65_535;

    private readonly FileStream _lock;

    private HeldPort(int number, FileStream held) => (Number, _lock) = (number, held);

    /// <summary>The port.</summary>
    public int Number { get; }

    /// <summary>The port, as settings name it.</summary>
    public override string ToString() => Number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Takes one. Throws <see cref="InvalidOperationException"/> when every port is taken.</summary>
    public static HeldPort Take()
    {
        var locks = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"edgecoder-test-ports-{Environment.UserName}"));
        var ports = Candidates();

        // From another place than the test beside this one, so that they do not try each other's.
        var first = RandomNumberGenerator.GetInt32(ports.Length);
        foreach (var port in ports[first..].Concat(ports[..first]))
        {
            if (Hold(Path.Combine(locks.FullName, port.ToString(CultureInfo.InvariantCulture))) is not { } held)
            {
                continue;
            }

            if (IsFree(port))
            {
                return new(port, held);
            }

            held.Dispose();
        }

        throw new InvalidOperationException("No port of this machine is free.");
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static int[] Candidates()
    {
        const string range = "/proc/sys/net/ipv4/ip_local_port_range";
        var given = File.Exists(range) ? File.ReadAllText(range).Split('\t', StringSplitOptions.TrimEntries).Select(text => int.Parse(text, CultureInfo.InvariantCulture)).ToArray() : [32_768, 60_999];
        int[] outside = [.. Enumerable.Range(Lowest, Highest - Lowest + 1).Where(port => port < given[0] || port > given[1])];

        // Where the system gives out all of them, a lock against other tests is what is left.
        return outside is [] ? [.. Enumerable.Range(Lowest, Highest - Lowest + 1)] : outside;
    }

    private static FileStream? Hold(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
