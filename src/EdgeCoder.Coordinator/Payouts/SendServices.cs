using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Payouts;

/// <summary>Registration of sends and payouts.</summary>
internal static class SendServices
{
    /// <summary>Adds them. Needs what purchases need.</summary>
    public static IServiceCollection AddSends(this IServiceCollection services) => services
        .AddSingleton<SendDesk>()
        .AddSingleton<SendClosing>()
        .AddSingleton<SendStore>()
        .AddSingleton<SendCourier>()
        .AddSingleton<SendSweep>()
        .AddSingleton<SendPoller>()
        .AddSingleton<PayoutKeeper>()
        .AddHostedService(provider => provider.GetRequiredService<PayoutKeeper>())
        .AddHostedService(provider => provider.GetRequiredService<SendPoller>());
}
