using EdgeCoder.Executor;
using EdgeCoder.Executor.Isolation;

namespace EdgeCoder.Benchmarks.Executor;

/// <summary>What a run in the sandbox costs, against a bare start of the same interpreter in the same run of this program. The goals are the design's.</summary>
internal static class ExecutorSuite
{
    /// <summary>The rows.</summary>
    public static IReadOnlyList<Measurement> Measurements { get; } =
    [
        new("python_warm_p50", "ms", Goal.AtMost, 2, () => RunMeasurements.QuantileAsync(RunMeasurements.WarmPython, 0.5)),
        new("python_warm_p99", "ms", Goal.AtMost, 10, () => RunMeasurements.QuantileAsync(RunMeasurements.WarmPython, 0.99)),
        new("python_warm_vs_bare", "ratio", Goal.AtMost, 1, () => RunMeasurements.AgainstBareAsync(RunMeasurements.WarmPython)),
        new("python_warm_tests_p50", "ms", Goal.AtMost, null, () => RunMeasurements.QuantileAsync(RunMeasurements.WarmPython with { Tests = true }, 0.5)),
        new("wasm_p50", "ms", Goal.AtMost, 1, () => RunMeasurements.QuantileAsync(RunMeasurements.WebAssembly, 0.5)),
        new("wasm_p99", "ms", Goal.AtMost, 8, () => RunMeasurements.QuantileAsync(RunMeasurements.WebAssembly, 0.99)),
        new("wasm_vs_bare_node", "ratio", Goal.AtMost, 1, () => RunMeasurements.AgainstBareAsync(RunMeasurements.WebAssembly)),
        new("node_warm_p50", "ms", Goal.AtMost, 6, () => RunMeasurements.QuantileAsync(RunMeasurements.WarmNode, 0.5)),
        new("node_warm_p99", "ms", Goal.AtMost, 40, () => RunMeasurements.QuantileAsync(RunMeasurements.WarmNode, 0.99)),
        new("python_cold_vs_bare", "ratio", Goal.AtMost, 2, () => RunMeasurements.AgainstBareAsync(RunMeasurements.ColdPython)),
        new("python_cold_vs_bubblewrap", "ratio", Goal.AtMost, 1, RunMeasurements.ColdAgainstBubblewrapAsync),
        new("python_landlock_warm_p50", "ms", Goal.AtMost, null, () => RunMeasurements.QuantileAsync(RunMeasurements.WarmPython with { Only = BackEnds.LauncherLandlock }, 0.5)),
        new("python_pool_ready", "ms", Goal.AtMost, 300, PoolMeasurements.PythonReadyAsync),
        new("wasm_ready_from_image", "ms", Goal.AtMost, 20, PoolMeasurements.WebAssemblyReadyAsync),
        new("throughput", "jobs/s", Goal.AtLeast, 100, PoolMeasurements.ThroughputAsync),
        new("idle_pool_memory", "MB PSS", Goal.AtMost, 30, PoolMeasurements.IdleMemoryAsync),
        new("deadline_overshoot_p99", "ms", Goal.AtMost, 25, () => PoolMeasurements.DeadlineAsync(RunMeasurements.WarmPython, "while True: pass")),
        new("deadline_overshoot_wasm_p99", "ms", Goal.AtMost, 25, () => PoolMeasurements.DeadlineAsync(RunMeasurements.WebAssembly, "for (;;);")),
        new("self_test", "ms", Goal.AtMost, null, PoolMeasurements.SelfTestAsync),
    ];
}
