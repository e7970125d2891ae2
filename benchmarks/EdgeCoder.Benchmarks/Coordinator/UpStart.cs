using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace EdgeCoder.Benchmarks.Coordinator;

/// <summary>
/// From the start of the program to its line that says ready, and to the one that says that the worker takes work too. The value is the worst: the first start,
/// which makes the store and tests the sandbox, counts like every other.
/// </summary>
internal static class UpStart
{
    private const int Later = 6;

    public static async Task<Figure> MeasureAsync()
    {
        var program = Path.Combine(Environment.CurrentDirectory, "artifacts", "program", "current", "edgecoder");
        if (!File.Exists(program))
        {
            return Figure.Impossible("Run ./edgecoder --build-only first.");
        }

        var directory = Directory.CreateTempSubdirectory("edgecoder-benchmark-");
        try
        {
            // The same at each start: a coordinator's id follows from its address.
            string[] ports = [FreePort(), FreePort(), FreePort(), FreePort()];
            var starts = new List<Times>();
            for (var round = 0; round <= Later; round++)
            {
                starts.Add(await StartAsync(program, directory.FullName, ports));
            }

            var (first, later) = (starts[0], starts.Skip(1).ToArray());
            return new(starts.Max(start => start.Ready), new()
            {
                ["first_start"] = Math.Round(first.Ready, 2),
                ["first_start_worker"] = Math.Round(first.Finished, 2),
                ["later_start_median"] = Math.Round(later.Select(start => start.Ready).Median(), 2),
                ["later_start_worst"] = Math.Round(later.Max(start => start.Ready), 2),
                ["later_start_worker_median"] = Math.Round(later.Select(start => start.Finished).Median(), 2),
                ["processor_s_first"] = Math.Round(first.Processor, 2),
                ["processor_s_later_median"] = Math.Round(later.Select(start => start.Processor).Median(), 2),
                ["rounds"] = Later,
            });
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<Times> StartAsync(string program, string data, string[] ports)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("up");
        start.ArgumentList.Add("--json");
        start.Environment["EDGECODER_DATA_DIR"] = data;
        start.Environment["COORDINATOR_PORT"] = ports[0];
        start.Environment["INFERENCE_PORT"] = ports[1];
        start.Environment["IDE_PROVIDER_PORT"] = ports[2];
        start.Environment["PORTAL_PORT"] = ports[3];
        var begun = Stopwatch.GetTimestamp();
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        var errors = process.StandardError.ReadToEndAsync();
        var (ready, processor) = (0.0, 0.0);
        var last = "";
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            last = line;
            var time = Stopwatch.GetElapsedTime(begun).TotalSeconds;
            switch ((string?)JsonNode.Parse(line)?["type"])
            {
                case "ready":
                    (ready, processor) = (time, process.TotalProcessorTime.TotalSeconds);
                    break;
                case "finished":
                    process.Kill();
                    await process.WaitForExitAsync();
                    return new(ready, time, processor);
            }
        }

        throw new InvalidOperationException($"It ended before it was ready: {last} {await errors}");
    }

    /// <summary>A port that nothing listens on now.</summary>
    public static string FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port.ToString(CultureInfo.InvariantCulture);
    }

    /// <param name="Ready">Seconds until the addresses answer.</param>
    /// <param name="Finished">Seconds until the worker takes work.</param>
    /// <param name="Processor">Processor seconds of the program until ready: what a busy machine does not change.</param>
    private sealed record Times(double Ready, double Finished, double Processor);
}
