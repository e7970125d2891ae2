using EdgeCoder.Commands;
using EdgeCoder.Inference.Local.Worker;

// The model worker is this program too. Its standard streams carry the protocol, so nothing else may touch them.
if (args is [LlamaWorker.Command])
{
    return await LlamaWorker.RunAsync(Console.OpenStandardInput(), Console.OpenStandardOutput(), CancellationToken.None);
}

using var interrupts = SecondInterrupt.EndsTheProcess();
return await CommandLine.RunAsync(args, Surroundings.OfProcess());
