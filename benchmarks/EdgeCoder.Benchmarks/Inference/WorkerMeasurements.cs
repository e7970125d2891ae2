using System.Diagnostics;
using EdgeCoder.Inference.Local;
using EdgeCoder.Inference.Local.Client;
using EdgeCoder.Inference.Providers;
using EdgeCoder.Inference.Tests.Local;

namespace EdgeCoder.Benchmarks.Inference;

/// <summary>What the child process costs, and what it is for.</summary>
internal static class WorkerMeasurements
{
    private static LlamaWorkerOptions Options { get; } = LlamaWorkerOptions.OfThisProgram() with { Slots = 4 };

    /// <summary>From the start of the process to its first answer. The middle of several.</summary>
    public static async Task<Figure> StartAsync()
    {
        List<double> times = [];
        for (var i = 0; i < 15; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await using var worker = WorkerProcess.Start(Options, TimeProvider.System);
            await worker.Connection.AskAsync(id => new() { Id = id, Health = true }, progress: null, CancellationToken.None);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return new(times.Median(), new() { ["fastest_ms"] = Math.Round(times.Min(), 1) });
    }

    /// <summary>A question and its answer, both ways through the pipes.</summary>
    public static async Task<Figure> MessageAsync(int messages = 5000)
    {
        await using var worker = WorkerProcess.Start(Options, TimeProvider.System);
        List<double> times = [];
        for (var i = 0; i < messages; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await worker.Connection.AskAsync(id => new() { Id = id, Health = true }, progress: null, CancellationToken.None);
            times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
        }

        return new(times.Median(), new() { ["round_trips"] = messages });
    }

    public static async Task<Figure> MemoryAsync(string path)
    {
        await using var worker = new LlamaWorkerClient(path, sha256: null, Options, TimeProvider.System);
        await foreach (var _ in worker.GenerateAsync(new() { Turns = [new("user", "hello")], MaxTokens = 200 }, CancellationToken.None))
        {
        }

        return ResidentMemory.PeakOf(worker.ProcessId) is { } peak
            ? new(peak, new() { ["what"] = "peak of the worker after an answer of the small model" })
            : Figure.Impossible("the system does not tell the memory of a process in /proc");
    }

    /// <summary>Opens every damaged file of the tests. The value counts crashes of this process, which would end the measurement too; the worker's are told beside it.</summary>
    public static async Task<Figure> DamagedFilesAsync()
    {
        var directory = Directory.CreateTempSubdirectory("edgecoder-bench-").FullName;
        var (files, refused, ended) = (0, 0, 0);
        WorkerProcess? worker = null;
        foreach (var (name, bytes) in DamagedModels.All())
        {
            files++;
            var path = Path.Combine(directory, name);
            await File.WriteAllBytesAsync(path, bytes);
            worker ??= WorkerProcess.Start(Options, TimeProvider.System);
            try
            {
                await worker.Connection.AskAsync(id => new() { Id = id, Load = new() { Path = path, ContextSize = 512, Slots = 1 } }, progress: null, CancellationToken.None);
            }
            catch (ModelException error)
            {
                refused++;
                if (error.Code == "worker_gone")
                {
                    ended++;
                    await worker.DisposeAsync();
                    worker = null;
                }
            }
        }

        if (worker is not null)
        {
            await worker.DisposeAsync();
        }

        Directory.Delete(directory, recursive: true);
        return new(0, new() { ["files"] = files, ["refused"] = refused, ["workers_ended_by_the_library"] = ended });
    }
}
