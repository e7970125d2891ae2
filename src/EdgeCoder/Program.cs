using EdgeCoder.Commands;
using EdgeCoder.Inference.Local.Worker;

// The model worker is this program too. Its standard streams carry the protocol, so nothing else may touch them.
if (args is [LlamaWorker.Command])
{
    return await LlamaWorker.RunAsync(Console.OpenStandardInput(), Console.OpenStandardOutput(), CancellationToken.None);
}

return await CommandLine.RunAsync(args, Surroundings.OfProcess());
