using EdgeCoder.Coordinator.Lightning;
using EdgeCoder.Hosting.Credentials;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Payments;

/// <summary>Registration of purchases.</summary>
internal static class PaymentServices
{
    /// <summary>Adds them. Needs the store, the identity and a clock.</summary>
    public static IServiceCollection AddPayments(this IServiceCollection services, PaymentSettings settings)
    {
        services.AddSingleton(settings);
        services.AddLightning(settings.Lightning);
        services.AddSingleton(new WebhookSecret(settings.WebhookSecret is { } secret ? new SecretDigest(secret) : null));
        services.AddSingleton<PaymentClock>();
        services.AddSingleton<IntentStore>();
        services.AddSingleton<PaymentInquiry>();
        services.AddSingleton<PaymentDesk>();
        services.AddSingleton<PaymentSweep>();
        services.AddHostedService<PaymentPoller>();
        return services;
    }
}
