using EdgeCoder.Coordinator.Membership;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;

namespace EdgeCoder.Coordinator.Silo;

/// <summary>Registration of the coordinator's silo (ARCHITECTURE 2).</summary>
internal static class SiloServices
{
    /// <summary>Adds the silo. The store must be added too; its tables are made before the silo starts.</summary>
    public static IHostApplicationBuilder AddSilo(this IHostApplicationBuilder builder, SiloSettings settings)
    {
        var port = SiloPort.Reserve(settings.Address);

        // By a factory, so that the container disposes it.
        builder.Services.AddSingleton<IHostedService>(_ => port);
        builder.UseOrleans(silo =>
        {
            // No gateway: clients of grains are in this process, everybody else comes over HTTP.
            if (settings.Clustered)
            {
                silo.ConfigureEndpoints(settings.Address, port.Number, gatewayPort: 0);
                silo.Services.AddSingleton<IMembershipTable, StoreMembershipTable>();
                silo.Configure<ClusterMembershipOptions>(options => Configure(options, settings));
            }
            else
            {
                silo.UseLocalhostClustering(port.Number, gatewayPort: 0);
            }

            silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = ("edgecoder", "edgecoder"));
        });
        return builder;
    }

    private static void Configure(ClusterMembershipOptions options, SiloSettings settings)
    {
        options.ProbeTimeout = settings.Probe;
        options.NumMissedProbesLimit = 3;
        options.TableRefreshTimeout = 5 * settings.Probe;

        // A silo that starts waits for those of the table that should answer. One that was killed stops counting after three of these.
        options.IAmAliveTablePublishTimeout = 2 * settings.Probe;
        options.NumMissedTableIAmAliveLimit = 3;
    }
}
