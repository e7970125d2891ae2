using EdgeCoder.Inference.Llama;
using EdgeCoder.Inference.Llama.Batching;

namespace EdgeCoder.Benchmarks.Inference;

/// <summary>Memory that models leave behind when they are freed.</summary>
internal static class LifetimeMeasurements
{
    private const int WarmUp = 80;

    /// <summary>Opens, uses and frees a model so many times; growth of this process after the first ones.</summary>
    public static async Task<Figure> LoadFreeAsync(string path, int cycles)
    {
        if (ResidentMemory.OfThisProcess() is null)
        {
            return Figure.Impossible("the system does not tell the memory of a process in /proc");
        }

        double before = 0;
        for (var cycle = 0; cycle < cycles; cycle++)
        {
            if (cycle == WarmUp)
            {
                before = Settled();
            }

            using var model = LlamaModel.Load(path);
            using var engine = LlamaEngine.Start(model, new() { Slots = 2, ContextSize = 1024, Threads = 1 + (cycle % 2) });
            await engine.Submit(new() { Prompt = [1, 2, 3], MaxTokens = 8, IgnoreEnd = true }, CancellationToken.None).Completion;
        }

        var after = Settled();
        return new(after - before, new() { ["cycles"] = cycles, ["warm_up"] = WarmUp, ["after_mib"] = Math.Round(after, 1) });
    }

    private static double Settled()
    {
        // Aggressive: the collector gives its free pages back, so that what is left is what somebody still holds.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return ResidentMemory.OfThisProcess()!.Value;
    }
}
