using EdgeCoder.Coordinator.Silo;
using EdgeCoder.Coordinator.Storage;
using EdgeCoder.Hosting.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EdgeCoder.Coordinator.Tests.SiloHost;

/// <summary>Hosts of a store and a silo, in this process or in the test's.</summary>
internal static class SiloHosts
{
    public static IHost Build(StoreSettings store, SiloSettings silo)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Error).AddConsole(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddStore(store);
        builder.AddSilo(silo);
        return builder.Build();
    }
}
