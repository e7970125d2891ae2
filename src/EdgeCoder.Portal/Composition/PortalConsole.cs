using EdgeCoder.Hosting.Storage;
using EdgeCoder.Portal.Accounts;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Composition;

/// <summary>What the console of the portal's machine may do to its store, whether the portal runs or not (portal-and-control-plane 5.2).</summary>
public static class PortalConsole
{
    /// <summary>A new one-use link for the first administrator, which voids earlier ones; null when an administrator exists.</summary>
    /// <param name="settings">Settings of the portal: whoever reads its store has them.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="StoreRefusedException">The store is newer than the program, or cannot be used.</exception>
    public static async Task<Uri?> FirstAdministratorLinkAsync(PortalSettings settings, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var services = new ServiceCollection();
        services.AddLogging();
        PortalRole.AddData(services, settings, time);
        await using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<PortalAddress>().Base = settings.PublicUrl ?? new Uri($"http://127.0.0.1:{settings.Listener.Port}");
        return await provider.GetRequiredService<FirstAdministrator>().LinkAsync(cancellationToken).ConfigureAwait(false);
    }
}
