// silo CONNECTION PROBE: joins a cluster on PostgreSQL, writes its silo's address when it has joined and ends with its standard input.
// write DIRECTORY|CONNECTION NUMBER: writes log events into a store as fast as it can, numbered from NUMBER on, and the number of each one after its answer, until it is killed.
using System.Globalization;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Coordinator.Tests.SiloHost;
using EdgeCoder.Hosting.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;

if (args[0] == "silo")
{
    using var host = SiloHosts.Build(StoreSettings.OnServer(args[1]), new() { Clustered = true, Probe = TimeSpan.FromMilliseconds(int.Parse(args[2], CultureInfo.InvariantCulture)) });
    await host.StartAsync();
    Console.WriteLine(host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString());
    await Console.In.ReadToEndAsync();
    await host.StopAsync();
}
else
{
    using var services = new ServiceCollection().AddLogging().AddStore(args[1].Contains('=', StringComparison.Ordinal) ? StoreSettings.OnServer(args[1]) : StoreSettings.From(null, args[1])).BuildServiceProvider();
    var writer = services.GetRequiredService<IStoreWriter>();
    var number = int.Parse(args[2], CultureInfo.InvariantCulture);
    await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
    {
        while (true)
        {
            var own = Interlocked.Increment(ref number);
            await writer.WriteAsync(
                batch =>
                {
                    LogOutbox.Append(batch, "task_enqueue", $"task-{own}", null, "test", null, own);
                    return true;
                },
                CancellationToken.None);
            lock (Console.Out)
            {
                Console.WriteLine(own);
            }
        }
    }));
}
