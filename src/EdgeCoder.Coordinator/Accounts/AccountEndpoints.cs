using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>Routes by which operators open accounts where no portal does.</summary>
internal static class AccountEndpoints
{
    /// <summary>Registers what they need.</summary>
    public static IServiceCollection AddAccounts(this IServiceCollection services, bool faucet) =>
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<AccountOpening>(provider, new AccountOptions(faucet)));

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
