using EdgeCoder.Benchmarks;
using EdgeCoder.Benchmarks.Coordinator;
using EdgeCoder.Benchmarks.Endpoint;
using EdgeCoder.Benchmarks.Executor;
using EdgeCoder.Benchmarks.Inference;
using EdgeCoder.Benchmarks.Ledger;
using EdgeCoder.Benchmarks.Portal;
using EdgeCoder.Benchmarks.Repositories;
using EdgeCoder.Benchmarks.Runs;
using EdgeCoder.Benchmarks.Transfers;
using EdgeCoder.Coordinator.Audits;
using EdgeCoder.Inference.Local.Worker;

// A worker of the inference suite is this program again.
if (args is [LlamaWorker.Command])
{
    await using var input = Console.OpenStandardInput();
    await using var output = Console.OpenStandardOutput();
    return await LlamaWorker.RunAsync(input, output, CancellationToken.None);
}

// And the coordinator of the coordinator suite that is measured from outside.
if (args is [CoordinatorChild.Command])
{
    return await CoordinatorChild.RunAsync();
}

return args switch
{
    ["inference", .. var options] => await Suite.RunAsync("inference", InferenceSuite.Measurements(build: options.Contains("--build")), options),
    ["executor", .. var options] => await Suite.RunAsync("executor", ExecutorSuite.Measurements, options),
    ["run", .. var options] => await Suite.RunAsync("run", RunSuite.Measurements(), options),
    ["repository", .. var options] => await Suite.RunAsync("repository", RepositorySuite.Measurements(), options),
    ["coordinator", .. var options] => await Suite.RunAsync("coordinator", CoordinatorSuite.Measurements(), options),
    ["endpoint", .. var options] => await Suite.RunAsync("endpoint", EndpointSuite.Measurements(), options),
    ["transfers", .. var options] => await Suite.RunAsync("transfers", TransferSuite.Measurements(), options),
    ["ledger", .. var options] => await Suite.RunAsync("ledger", LedgerSuite.Measurements(leaves: 1_000_000), options),
    ["portal", .. var options] => await Suite.RunAsync("portal", PortalSuite.Measurements(), options),
    ["audits"] => Audits(),
    _ => await UsageAsync(),
};

// The table of docs/verification.md.
static int Audits()
{
    Console.Write(AuditSimulation.Table(AuditSimulation.Run()));
    return 0;
}

static async Task<int> UsageAsync()
{
    await Console.Error.WriteLineAsync("usage: EdgeCoder.Benchmarks inference [--build] | executor | run | repository | coordinator | endpoint | transfers | ledger | portal | audits, and for each [--only NAME] [--out FILE]");
    return 2;
}
