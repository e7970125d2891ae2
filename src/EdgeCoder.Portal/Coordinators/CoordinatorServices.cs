using EdgeCoder.Portal.Composition;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Coordinators;

/// <summary>Registration of what calls the home coordinator.</summary>
internal static class CoordinatorServices
{
    private const int MostBytes = 4 << 20;

    /// <summary>Adds it.</summary>
    public static IServiceCollection AddHomeCoordinator(this IServiceCollection services) =>
        services.AddSingleton(provider => new HomeCoordinator(Client(), provider.GetRequiredService<PortalSettings>(), provider.GetRequiredService<TimeProvider>()));

    // A credential follows no redirect and passes no proxy of the environment; whoever answers cannot fill the memory. The limit of time is the caller's.
    private static HttpClient Client() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(2) })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        MaxResponseContentBufferSize = MostBytes,
    };
}
