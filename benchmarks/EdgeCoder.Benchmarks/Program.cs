using EdgeCoder.Benchmarks;
using EdgeCoder.Benchmarks.Executor;
using EdgeCoder.Benchmarks.Inference;
using EdgeCoder.Inference.Local.Worker;

// A worker of the inference suite is this program again.
if (args is [LlamaWorker.Command])
{
    await using var input = Console.OpenStandardInput();
    await using var output = Console.OpenStandardOutput();
    return await LlamaWorker.RunAsync(input, output, CancellationToken.None);
}

switch (args)
{
    case ["inference", .. var options]:
        return await Suite.RunAsync("inference", InferenceSuite.Measurements(build: options.Contains("--build")), options);
    case ["executor", .. var options]:
        return await Suite.RunAsync("executor", ExecutorSuite.Measurements, options);
    default:
        await Console.Error.WriteLineAsync("usage: EdgeCoder.Benchmarks inference|executor [--build] [--only NAME] [--out FILE]");
        return 2;
}
