using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Numerics.Tensors;
using EdgeCoder.Inference.Llama;
using EdgeCoder.Inference.Llama.Contexts;

namespace EdgeCoder.Benchmarks.Inference;

/// <summary>
/// Our loop against the same loop in C on the same libraries. Rounds alternate, and the middle of the rounds' ratios
/// counts. Both take the processor time of their whole process (one thread computes), so that a neighbour on the machine does not count.
/// </summary>
internal static class NativeBaseline
{
    private const int Rounds = 9;
    private const int PromptTokens = 512;
    private const int DecodeTokens = 64;
    private const int Streams = 8;

    // The phases of one model come from the same rounds.
    private static readonly Dictionary<string, List<(double[] Theirs, double[] Ours)>> Measured = [];

    public static async Task<Figure> CompareAsync(string model, Phase phase)
    {
        if (!OperatingSystem.IsLinux())
        {
            return Figure.Impossible("the baseline is built with gcc on Linux");
        }

        var program = await BuildAsync();
        if (program is null)
        {
            return Figure.Impossible("gcc is not installed, so there is no C program to compare with");
        }

        if (!Measured.TryGetValue(model, out var rounds))
        {
            // A context belongs to one thread.
            rounds = Measured[model] = await Task.Factory.StartNew(() => Measure(program, model), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }

        var tokens = phase switch { Phase.Prompt => PromptTokens, Phase.Decode => DecodeTokens, _ => Streams * DecodeTokens };
        return new(rounds.Select(round => round.Theirs[(int)phase] / round.Ours[(int)phase]).Median(), new()
        {
            ["c_tokens_per_processor_second"] = Math.Round(tokens * 1e6 / rounds.Select(round => round.Theirs[(int)phase]).Median()),
            ["our_tokens_per_processor_second"] = Math.Round(tokens * 1e6 / rounds.Select(round => round.Ours[(int)phase]).Median()),
            ["rounds"] = rounds.Count,
        });
    }

    private static List<(double[] Theirs, double[] Ours)> Measure(string program, string model)
    {
        using var baseline = Start(program, model);
        using var ours = new Loop(model);
        Round(baseline);
        ours.Round();
        List<(double[] Theirs, double[] Ours)> rounds = [];
        while (rounds.Count < Rounds)
        {
            rounds.Add((Round(baseline), ours.Round()));
        }

        baseline.StandardInput.Close();
        return rounds;
    }

    private static async Task<string?> BuildAsync()
    {
        var program = Path.Combine(BenchmarkModels.Directory, "baseline");
        if (File.Exists(program))
        {
            return program;
        }

        var libraries = LlamaLibrary.DefaultDirectory;
        var start = new ProcessStartInfo("gcc", ["-O2", "-o", program, Path.Combine(AppContext.BaseDirectory, "Inference", "baseline.c")]);
        foreach (var library in Directory.EnumerateFiles(libraries, "*.so").Where(file => !Path.GetFileName(file).StartsWith("libggml-cpu", StringComparison.Ordinal)))
        {
            start.ArgumentList.Add(library);
        }

        start.ArgumentList.Add("-Wl,-rpath," + libraries);
        try
        {
            using var gcc = Process.Start(start)!;
            await gcc.WaitForExitAsync();
            return gcc.ExitCode == 0 ? program : throw new InvalidOperationException($"gcc ended with {gcc.ExitCode}");
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    private static Process Start(string program, string model)
    {
        string[] arguments = [LlamaLibrary.DefaultDirectory, model, "1", $"{PromptTokens}", $"{DecodeTokens}"];
        return Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }

    private static double[] Round(Process baseline)
    {
        baseline.StandardInput.WriteLine("go");
        baseline.StandardInput.Flush();
        var line = baseline.StandardOutput.ReadLine() ?? throw new InvalidOperationException("The C program ended.");
        return [.. line.Split(' ').Select(part => double.Parse(part, CultureInfo.InvariantCulture))];
    }

    /// <summary>The same as <c>baseline.c</c>, with what the product uses.</summary>
    private sealed class Loop : IDisposable
    {
        private readonly LlamaModel _model;
        private readonly LlamaContext _context;
        private readonly TokenBatch _batch = new(512);

        public Loop(string path)
        {
            _model = LlamaModel.Load(path);
            _context = new LlamaContext(_model, new() { ContextSize = 2048, BatchSize = 512, Sequences = Streams });
        }

        public double[] Round()
        {
            Forget();
            var start = Environment.CpuUsage.TotalTime;
            var next = ReadPrompt();
            var middle = Environment.CpuUsage.TotalTime;
            for (var i = 0; i < DecodeTokens; i++)
            {
                _batch.Clear();
                _batch.Add(next, PromptTokens + i, 0, wantsLogits: true);
                _context.Decode(_batch);
                next = TensorPrimitives.IndexOfMax(_context.Logits(0));
            }

            var end = Environment.CpuUsage.TotalTime;
            Forget();
            var together = Environment.CpuUsage.TotalTime;
            for (var i = 0; i < DecodeTokens; i++)
            {
                StepTogether(i);
            }

            return [(middle - start).TotalMicroseconds, (end - middle).TotalMicroseconds, (Environment.CpuUsage.TotalTime - together).TotalMicroseconds];
        }

        public void Dispose()
        {
            _batch.Dispose();
            _context.Dispose();
            _model.Dispose();
        }

        private void Forget()
        {
            for (var stream = 0; stream < Streams; stream++)
            {
                _context.Forget(stream, 0);
            }
        }

        private void StepTogether(int position)
        {
            _batch.Clear();
            for (var stream = 0; stream < Streams; stream++)
            {
                _batch.Add(stream, position, stream, wantsLogits: true);
            }

            _context.Decode(_batch);
            for (var stream = 0; stream < Streams; stream++)
            {
                TensorPrimitives.IndexOfMax(_context.Logits(stream));
            }
        }

        private int ReadPrompt()
        {
            var next = 0;
            for (var at = 0; at < PromptTokens; at += _batch.Count)
            {
                _batch.Clear();
                for (var i = at; i < Math.Min(PromptTokens, at + _batch.Capacity); i++)
                {
                    _batch.Add(i % 250, i, 0, i == PromptTokens - 1);
                }

                _context.Decode(_batch);
                if (at + _batch.Count == PromptTokens)
                {
                    next = TensorPrimitives.IndexOfMax(_context.Logits(_batch.Count - 1));
                }
            }

            return next;
        }
    }
}
