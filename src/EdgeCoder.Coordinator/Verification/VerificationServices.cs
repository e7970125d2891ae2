using EdgeCoder.Agent.Rechecks;
using EdgeCoder.Coordinator.Audits;
using EdgeCoder.Executor;
using EdgeCoder.Executor.Commands;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace EdgeCoder.Coordinator.Verification;

/// <summary>Registration of verification and audits.</summary>
internal static class VerificationServices
{
    /// <summary>Adds the verifier pool with sandboxes of its own, and the audit windows. Needs the store, the blobs, the queue and the identity.</summary>
    /// <param name="services">The services.</param>
    /// <param name="executor">Isolation in which results are run again.</param>
    /// <param name="options">Slots and times.</param>
    public static IServiceCollection AddVerification(this IServiceCollection services, ExecutorOptions executor, VerificationOptions options)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(_ => CodeExecutor.Create(executor));
        services.AddSingleton(provider => new Recheck
        {
            Executor = provider.GetRequiredService<CodeExecutor>(),
            Sandbox = new ProjectSandbox(executor),
            Blobs = new FrozenBlobs(provider.GetRequiredService<BlobStore>().Open),
            Scratch = Path.Combine(executor.DataDirectory, "verification"),
        });
        services.AddSingleton<ResultVerifier>();
        services.AddSingleton(provider =>
        {
            var identity = provider.GetRequiredService<CoordinatorIdentity>();
            return new VerdictSigner(identity.PeerId, () => identity.Key);
        });
        services.AddSingleton<AuditWindows>();
        services.AddHostedService<AuditReveals>();
        services.AddHostedService<VerifierPool>();
        return services;
    }
}
