using System.Collections;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using EdgeCoder.Executor.Isolation.Native;
using EdgeCoder.Executor.Isolation.Seccomp;

namespace EdgeCoder.Executor.Probe;

/// <summary>
/// Starts hosts, kills the host, its launcher or both at a random moment within the first milliseconds of a run, and waits until nothing is left. It adopts whatever
/// loses its parent, so nothing can be left without being its child: the kernel's answer "no child" is the proof. If something stays, this does not end.
/// </summary>
internal static unsafe class KillStorm
{
    private const int SetChildSubreaper = 36;
    private const int NoChild = 10; // ECHILD
    private static readonly TimeSpan LatestMoment = TimeSpan.FromMilliseconds(12);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>0 when nothing was left of any round.</summary>
    public static int Run(string mode, int rounds, int seed)
    {
        var random = new Random(seed);
        var prctl = SyscallTable.Number("prctl", MachineArchitectures.Current!.Value)!.Value;
        if (Libc.Syscall(prctl, SetChildSubreaper, 1, 0, 0) != 0)
        {
            return 1;
        }

        for (var round = 0; round < rounds; round++)
        {
            var host = StartHost(mode);
            var launcher = ChildOf(host);
            var moment = Stopwatch.GetTimestamp() + (long)(LatestMoment.TotalSeconds * random.NextDouble() * Stopwatch.Frequency);
            while (Stopwatch.GetTimestamp() < moment)
            {
            }

            // A host that loses its launcher only sees the end of its run, and ends.
            int[] victims = random.Next(4) switch { 0 => [host], 1 => [launcher], 2 => [host, launcher], _ => [launcher, host] };
            foreach (var victim in victims)
            {
                _ = Libc.Kill(victim, Libc.SignalKill);
            }

            WaitForAll();
        }

        Console.WriteLine($"{rounds} rounds");
        return 0;
    }

    // Returns when its run begins.
    private static int StartHost(string mode)
    {
        var (read, write) = Descriptor.Pipe(hostReads: true);
        using var output = read;
        using var input = Descriptor.Null();
        using var error = Descriptor.Null();
        string[] environment = [.. Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(variable => $"{variable.Key}={variable.Value}")];
        int host;
        using (write)
        {
            var program = typeof(KillStorm).Assembly.Location;
            host = ChildProcess.Start(Environment.ProcessPath!, [Environment.ProcessPath!, program, "host", mode], environment, [input, write, error]).Pid;
        }

        var said = new StringBuilder();
        var buffer = new byte[256];
        while (!said.ToString().Contains(EndlessRun.Beginning, StringComparison.Ordinal))
        {
            if (!PollEntry.Wait(output, Patience) || output.Read(buffer) is not (> 0 and var count))
            {
                throw new InvalidOperationException($"The host did not begin: {said}");
            }

            said.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }

        return host;
    }

    // Whatever thread started it. The kernel shows it as soon as it is there, before it has become another program.
    private static int ChildOf(int host)
    {
        var until = Stopwatch.GetTimestamp() + (long)(Patience.TotalSeconds * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < until)
        {
            foreach (var thread in Directory.EnumerateDirectories($"/proc/{host}/task"))
            {
                try
                {
                    if (File.ReadAllText(thread + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var child, ..])
                    {
                        return int.Parse(child, CultureInfo.InvariantCulture);
                    }
                }
                catch (IOException)
                {
                    // The thread is gone.
                }
            }
        }

        throw new InvalidOperationException("The host did not start a launcher.");
    }

    private static void WaitForAll()
    {
        int status;
        ResourceUsage usage;
        while (Libc.Wait(-1, &status, 0, &usage) >= 0 || Marshal.GetLastPInvokeError() != NoChild)
        {
        }
    }
}
