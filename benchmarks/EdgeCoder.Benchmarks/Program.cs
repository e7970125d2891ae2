using EdgeCoder.Benchmarks;
using EdgeCoder.Benchmarks.Inference;
using EdgeCoder.Inference.Local.Worker;

// A worker of the inference suite is this program again.
if (args is [LlamaWorker.Command])
{
    await using var input = Console.OpenStandardInput();
    await using var output = Console.OpenStandardOutput();
    return await LlamaWorker.RunAsync(input, output, CancellationToken.None);
}

if (args is not ["inference", .. var options])
{
    await Console.Error.WriteLineAsync("usage: EdgeCoder.Benchmarks inference [--build] [--only NAME] [--out FILE]");
    return 2;
}

return await Suite.RunAsync("inference", InferenceSuite.Measurements(build: options.Contains("--build")), options);
