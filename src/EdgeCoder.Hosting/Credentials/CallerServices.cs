using EdgeCoder.Hosting.Signatures;
using EdgeCoder.Hosting.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace EdgeCoder.Hosting.Credentials;

/// <summary>Registration of the checks of callers.</summary>
public static class CallerServices
{
    /// <summary>
    /// Adds them for a role with a store. <see cref="IAgentKeys"/>, <see cref="IPeerKeys"/> and <see cref="ILiveLeases"/> come from the role; without them there are no
    /// agents, no peers and no exemption.
    /// </summary>
    /// <param name="services">Services.</param>
    /// <param name="audience">Id to which requests are addressed.</param>
    /// <param name="credentials">Tokens of the settings.</param>
    /// <param name="signatures">Limits.</param>
    public static IServiceCollection AddCallers<TContext>(this IServiceCollection services, SignatureAudience audience, CredentialOptions credentials, SignatureOptions signatures)
        where TContext : StoreContext
    {
        services.AddSingleton<INonces, StoreNonces>();
        services.AddSingleton<ICredentials, StoredCredentials<TContext>>();
        return services.AddChecks(audience, credentials, signatures);
    }

    /// <summary>Adds them for a role without a store: nonces are in memory, and nothing made before the start is taken.</summary>
    public static IServiceCollection AddCallers(this IServiceCollection services, SignatureAudience audience, CredentialOptions credentials, SignatureOptions signatures)
    {
        services.AddSingleton<INonces, MemoryNonces>();
        services.AddSingleton<ICredentials, NoCredentials>();
        return services.AddChecks(audience, credentials, signatures);
    }

    private static IServiceCollection AddChecks(this IServiceCollection services, SignatureAudience audience, CredentialOptions credentials, SignatureOptions signatures)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IAgentKeys, NoKeys>();
        services.TryAddSingleton<IPeerKeys, NoKeys>();
        services.AddSingleton(audience).AddSingleton(credentials).AddSingleton(signatures);
        services.AddSingleton<SignatureCheck>();
        services.AddSingleton<CallerChecks>();
        services.AddSingleton<IHostedService, NoncePruning>();
        return services;
    }
}
