namespace EdgeCoder.Benchmarks.Inference;

/// <summary>The goal table of the embedded engine, row by row.</summary>
internal static class InferenceSuite
{
    /// <param name="build">Also measures a build of a clean clone, which takes minutes.</param>
    public static IReadOnlyList<Measurement> Measurements(bool build)
    {
        List<Measurement> all =
        [
            // First: what larger models leave in the allocator would count.
            new("load_free_growth", "MiB", Goal.AtMost, 5, () => LifetimeMeasurements.LoadFreeAsync(BenchmarkModels.Demonstration, cycles: 480)),
            new("prompt_vs_c", "ratio", Goal.AtLeast, 0.95, () => NativeBaseline.CompareAsync(BenchmarkModels.Medium, Phase.Prompt)),
            new("decode_vs_c", "ratio", Goal.AtLeast, 0.95, () => NativeBaseline.CompareAsync(BenchmarkModels.Medium, Phase.Decode)),
            new("demonstration_decode_vs_c", "ratio", Goal.AtLeast, 0.95, () => NativeBaseline.CompareAsync(BenchmarkModels.Demonstration, Phase.Decode)),
            new("eight_streams_vs_c", "ratio", Goal.AtLeast, 0.95, () => NativeBaseline.CompareAsync(BenchmarkModels.Medium, Phase.Together)),
            new("eight_streams_vs_one", "ratio", Goal.AtLeast, 2.8, () => EngineMeasurements.EightStreamsAsync(BenchmarkModels.Small)),
            new("eight_streams_demonstration", "ratio", Goal.AtLeast, null, () => EngineMeasurements.EightStreamsAsync(BenchmarkModels.Demonstration)),
            new("eight_streams_medium", "ratio", Goal.AtLeast, null, () => EngineMeasurements.EightStreamsAsync(BenchmarkModels.Medium)),
            new("eight_streams_large", "ratio", Goal.AtLeast, null, () => EngineMeasurements.EightStreamsAsync(BenchmarkModels.Large)),
            new("warm_prefix_first_token", "ratio", Goal.AtLeast, 8, () => EngineMeasurements.WarmPrefixAsync(BenchmarkModels.Medium)),
            new("cancel_in_prompt_p99", "ms", Goal.AtMost, 20, () => EngineMeasurements.CancelAsync(BenchmarkModels.Medium)),
            new("grammar_slowdown", "ratio", Goal.AtMost, 1.05, () => EngineMeasurements.GrammarAsync(BenchmarkModels.Demonstration)),
            new("busy_neighbours", "ratio", Goal.AtLeast, 0.5, () => EngineMeasurements.BusyNeighboursAsync(BenchmarkModels.Medium)),
            new("damaged_files_crashes", "files", Goal.AtMost, 0, WorkerMeasurements.DamagedFilesAsync),
            new("worker_start", "ms", Goal.AtMost, 200, WorkerMeasurements.StartAsync),
            new("worker_message", "us", Goal.AtMost, null, () => WorkerMeasurements.MessageAsync()),
            new("worker_memory", "MiB", Goal.AtMost, null, () => WorkerMeasurements.MemoryAsync(BenchmarkModels.Demonstration)),
        ];
        if (build)
        {
            all.Add(new("native_build_extra", "s", Goal.AtMost, 10, BuildMeasurements.NativeExtraAsync));
        }

        return all;
    }
}
