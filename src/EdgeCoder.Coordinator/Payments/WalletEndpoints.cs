using System.Text.Json.Serialization;
using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdgeCoder.Coordinator.Payments;

/// <summary>What an account has to do with sats, in one look (economy-and-ledger 4).</summary>
internal static class WalletEndpoints
{
    private const CallerKinds Readers = CallerKinds.Operator | CallerKinds.Submitter | CallerKinds.PortalService | CallerKinds.MeshService;
    private const int MostIntents = 100;

    /// <summary>Maps it.</summary>
    public static IEndpointRouteBuilder MapWallets(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/wallets/{accountId}", async (string accountId, HttpContext context, IStoreWriter writer, IntentStore store) =>
        {
            var caller = context.Caller();
            context.Response.Headers.CacheControl = "no-store";
            var wallets = await writer.WriteAsync(
                batch =>
                {
                    AccountAccess.Require(batch, caller, accountId, AccountRole.Member, services: true);
                    return AccountRules.Wallets(batch, accountId);
                },
                context.RequestAborted);
            var intents = await store.OfAsync(accountId, MostIntents, context.RequestAborted);
            return TypedResults.Json(new AccountWallets(accountId, wallets, [.. intents.Select(PaymentViews.Of)]), WalletJson.Default.AccountWallets);
        }).AllowCallers(Readers);
        return routes;
    }
}

/// <summary>Answer of <c>GET /wallets/:accountId</c>: wallets, the one changed last first, and at most 100 purchases, the newest first.</summary>
internal sealed record AccountWallets(string AccountId, IReadOnlyList<Wallet> Wallets, IReadOnlyList<IntentView> PaymentIntents);

/// <summary>Its message.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AccountWallets))]
internal sealed partial class WalletJson : JsonSerializerContext;
