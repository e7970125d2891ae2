using System.Collections;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using EdgeCoder.Executor.Isolation.Native;
using EdgeCoder.Executor.Isolation.Seccomp;

namespace EdgeCoder.Executor.Probe;

/// <summary>
/// Starts hosts, kills the host, its launcher or both at a random moment within the first milliseconds of a run, and waits until nothing is left. It adopts whatever
/// loses its parent, so nothing can be left without being its child: the kernel's answer "no child" is the proof.
/// </summary>
internal static unsafe class KillStorm
{
    private const int SetChildSubreaper = 36;
    private const int WithoutWaiting = 1; // WNOHANG
    private static readonly TimeSpan LatestMoment = TimeSpan.FromMilliseconds(12);
    private static readonly TimeSpan LatestMomentOfWarm = TimeSpan.FromMilliseconds(250); // it imports modules before it has children
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>0 when nothing was left of any round.</summary>
    /// <param name="mode">Of the launcher, or <see cref="EndlessRun.Careless"/>.</param>
    /// <param name="rounds">How many.</param>
    /// <param name="seed">Of the moments.</param>
    /// <param name="limit">How long it may take until nothing is left.</param>
    public static int Run(string mode, int rounds, int seed, TimeSpan limit)
    {
        var random = new Random(seed);
        var prctl = SyscallTable.Number("prctl", MachineArchitectures.Current!.Value)!.Value;
        if (Libc.Syscall(prctl, SetChildSubreaper, 1, 0, 0) != 0)
        {
            return 1;
        }

        var latest = mode.StartsWith(EndlessRun.Warm, StringComparison.Ordinal) ? LatestMomentOfWarm : LatestMoment;
        for (var round = 0; round < rounds; round++)
        {
            var host = StartHost(mode);
            var launcher = ChildOf(host);
            var moment = Stopwatch.GetTimestamp() + (long)(latest.TotalSeconds * random.NextDouble() * Stopwatch.Frequency);
            while (Stopwatch.GetTimestamp() < moment)
            {
            }

            // A host that loses its launcher only sees the end of its run, and ends.
            int[] victims = random.Next(4) switch { 0 => [host], 1 => [launcher], 2 => [host, launcher], _ => [launcher, host] };
            foreach (var victim in victims)
            {
                _ = Libc.Kill(victim, Libc.SignalKill);
            }

            if (!AllEnd(limit))
            {
                Console.WriteLine($"something was left in round {round}");
                return 1;
            }
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

    // The kernel shows it as soon as it is there, before it has become another program.
    private static int ChildOf(int host)
    {
        var child = 0;
        return SpinWait.SpinUntil(() => (child = Children(host).FirstOrDefault()) != 0, Patience) ? child : throw new InvalidOperationException("The host did not start a launcher.");
    }

    // Whatever thread started them.
    private static List<int> Children(int process)
    {
        var children = new List<int>();
        foreach (var thread in Directory.EnumerateDirectories($"/proc/{process}/task"))
        {
            try
            {
                children.AddRange(File.ReadAllText(thread + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(child => int.Parse(child, CultureInfo.InvariantCulture)));
            }
            catch (IOException)
            {
                // The thread is gone.
            }
        }

        return children;
    }

    // What does not end in time is killed.
    private static bool AllEnd(TimeSpan limit)
    {
        var begin = Stopwatch.GetTimestamp();
        while (true)
        {
            int status;
            ResourceUsage usage;
            var ended = Libc.Wait(-1, &status, WithoutWaiting, &usage);
            if (ended < 0)
            {
                return true;
            }

            if (ended == 0 && Children(Environment.ProcessId) is [var first, ..])
            {
                using var process = Descriptor.Process(first);
                if (limit - Stopwatch.GetElapsedTime(begin) is var left && left <= TimeSpan.Zero)
                {
                    Children(Environment.ProcessId).ForEach(child => _ = Libc.Kill(child, Libc.SignalKill));
                    return false;
                }

                if (process is not null)
                {
                    PollEntry.Wait(process, left);
                }
            }
        }
    }
}
