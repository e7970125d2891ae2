using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Lightning;

/// <summary>Registration of the provider and of what pays.</summary>
internal static class LightningServices
{
    /// <summary>Adds those of the settings. <c>mock</c> sends nothing.</summary>
    public static IServiceCollection AddLightning(this IServiceCollection services, LightningSettings settings) => services
        .AddSingleton<ILightningPayer>(provider => settings.Provider switch
        {
            LightningSettings.Lnd => new LndPayer(settings, provider.GetRequiredService<TimeProvider>()),
            LightningSettings.Cln => new ClnPayer(settings, provider.GetRequiredService<TimeProvider>()),
            _ => new NoPayer(),
        })
        .AddSingleton<ILightningProvider>(provider => settings.Provider switch
        {
            LightningSettings.Lnd => new LndProvider(settings, provider.GetRequiredService<TimeProvider>()),
            LightningSettings.Cln => new ClnProvider(settings, provider.GetRequiredService<TimeProvider>()),
            LightningSettings.Mock => new MockLightning(),
            LightningSettings.None => new NoLightning(),
            _ => throw new InvalidOperationException("The settings name a provider that does not exist."),
        });
}
