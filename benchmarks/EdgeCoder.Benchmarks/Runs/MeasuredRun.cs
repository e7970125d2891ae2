using System.Diagnostics;
using System.Text.Json;

namespace EdgeCoder.Benchmarks.Runs;

/// <summary>One start of the program from its first instruction to its end, watched from outside.</summary>
/// <param name="TotalMs">Wall time of the process.</param>
/// <param name="FirstEventMs">Wall time to its first line.</param>
/// <param name="PeakBytes">Largest sum of the resident memory of the process and its descendants, sampled while it ran.</param>
/// <param name="SessionMs">Wall time of the session, as it says itself.</param>
/// <param name="OwnMs">Of which neither the model nor the sandbox had, as it says itself.</param>
/// <param name="Succeeded">Exit code 0.</param>
internal sealed record MeasuredRun(double TotalMs, double FirstEventMs, long PeakBytes, double SessionMs, double OwnMs, bool Succeeded)
{
    /// <summary>Starts the program and reads what it says.</summary>
    public static async Task<MeasuredRun> OfAsync(string file, IReadOnlyList<string> arguments, string dataDirectory)
    {
        var start = new ProcessStartInfo(file) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["EDGECODER_DATA_DIR"] = dataDirectory;
        var clock = Stopwatch.StartNew();
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{file} did not start");
        using var ended = new CancellationTokenSource();
        var memory = Task.Factory.StartNew(() => ProcessTree.PeakBytes(process.Id, ended.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var error = process.StandardError.ReadToEndAsync();
        var first = await process.StandardOutput.ReadLineAsync();
        var firstEvent = clock.Elapsed.TotalMilliseconds;
        var last = first;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            last = line;
        }

        await process.WaitForExitAsync();
        var total = clock.Elapsed.TotalMilliseconds;
        await ended.CancelAsync();
        await error;
        var (session, own) = Usage(last);
        return new(total, firstEvent, await memory, session, own, process.ExitCode == 0);
    }

    private static (double SessionMs, double OwnMs) Usage(string? line)
    {
        if (line is null || !line.StartsWith('{'))
        {
            return (0, 0);
        }

        using var document = JsonDocument.Parse(line);
        return document.RootElement.TryGetProperty("usage", out var usage) ? (usage.GetProperty("wallMs").GetDouble(), usage.GetProperty("ownMs").GetDouble()) : (0, 0);
    }
}
