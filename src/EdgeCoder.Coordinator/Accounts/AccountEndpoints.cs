using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>Routes by which operators open accounts where no portal does, and the parts that all routes of accounts need.</summary>
internal static class AccountEndpoints
{
    /// <summary>Registers what they need.</summary>
    public static IServiceCollection AddAccounts(this IServiceCollection services, bool faucet) =>
        services.AddSingleton(new AccountOptions(faucet))
            .AddSingleton<AccountOpening>()
            .AddSingleton<IdempotentAnswers>()
            .AddSingleton<AgentLinks>()
            .AddSingleton<OfflineAllowances>()
            .AddSingleton<OfflineSync>()
            .AddSingleton<BookCheck>()
            .AddSingleton<BookKeeper>()
            .AddHostedService(provider => provider.GetRequiredService<BookKeeper>())
            .AddHostedService<IdempotencyPruning>()
            .AddHostedService<HoldUpkeep>();

    /// <summary>Maps them.</summary>
    public static IEndpointRouteBuilder MapAccounts(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/admin/accounts", async (HttpContext context, AccountOpening opening) =>
        {
            context.Response.Headers.CacheControl = "no-store";
            return TypedResults.Json(
                await opening.OpenAsync(JsonBody.Read(context, AccountJson.Default.AccountRequest), context.Caller(), ClientAddress.LimitKey(context), context.RequestAborted), AccountJson.Default.AccountAnswer);
        }).AllowCallers(CallerKinds.Operator);
        return routes;
    }
}
