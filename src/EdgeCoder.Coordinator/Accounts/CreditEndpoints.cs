using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Hosting.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdgeCoder.Coordinator.Accounts;

/// <summary>Routes of accounts, members, links and wallets (economy-and-ledger 2, 4), and of the check of the books.</summary>
internal static class CreditEndpoints
{
    private const CallerKinds Readers = CallerKinds.Operator | CallerKinds.Submitter | CallerKinds.PortalService | CallerKinds.MeshService;
    private const CallerKinds Persons = CallerKinds.Operator | CallerKinds.PortalService;
    private const int MostListed = 1_000;

    /// <summary>Maps them.</summary>
    public static IEndpointRouteBuilder MapCredits(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/credits/{accountId}/balance", (string accountId, HttpContext context, IStoreWriter writer, TimeProvider time) => ReadAsync(
            context, writer, time, accountId, (batch, nowMs) => TypedResults.Json(AccountReads.Balance(batch, accountId, nowMs), CreditJson.Default.BalanceAnswer))).AllowCallers(Readers);
        routes.MapGet("/credits/{accountId}/history", (string accountId, HttpContext context, IStoreWriter writer, TimeProvider time, int? limit, string? before) => ReadAsync(
            context, writer, time, accountId, (batch, nowMs) => TypedResults.Json(AccountReads.History(batch, accountId, limit, before, nowMs), CreditJson.Default.HistoryAnswer))).AllowCallers(Readers);
        routes.MapPost("/credits/{accountId}/faucet", GiveAsync).AllowCallers(CallerKinds.Operator);
        routes.MapPost("/credits/{accountId}/adjust", AdjustAsync).AllowCallers(CallerKinds.Operator);

        routes.MapPost("/credits/accounts", OpenAsync).AllowCallers(CallerKinds.Operator | CallerKinds.PortalService | CallerKinds.MeshService);
        routes.MapPost("/credits/accounts/{accountId}/members", AddMemberAsync).AllowCallers(Persons);
        routes.MapPost("/credits/accounts/{accountId}/agents/link", async (string accountId, HttpContext context, AgentLinks links) =>
            TypedResults.Json(await links.LinkAsync(context, accountId, JsonBody.Read(context, CreditJson.Default.LinkRequest)), CreditJson.Default.LinkAnswer)).AllowCallers(Persons);
        routes.MapGet("/credits/accounts/{accountId}/agents", (string accountId, HttpContext context, IStoreWriter writer, TimeProvider time) => ReadAsync(
            context, writer, time, accountId, (batch, _) => TypedResults.Json(new AccountAgents(accountId, AgentLinks.Of(batch, accountId)), CreditJson.Default.AccountAgents))).AllowCallers(Readers);
        routes.MapGet("/credits/users/{userId}/accounts", ReadUserAsync).AllowCallers(Persons | CallerKinds.MeshService);
        routes.MapGet("/agents/catalog", async (HttpContext context, IStoreWriter writer, string? after) => TypedResults.Json(
            new AgentCatalog(await writer.WriteAsync(batch => AgentLinks.Catalog(batch, after), context.RequestAborted)), CreditJson.Default.AgentCatalog))
            .AllowCallers(CallerKinds.Operator | CallerKinds.PortalService | CallerKinds.MeshService);

        routes.MapPost("/economy/wallets/register", RegisterWalletAsync).AllowCallers(Persons);
        routes.MapGet("/economy/wallets/{accountId}", (string accountId, HttpContext context, IStoreWriter writer, TimeProvider time) => ReadAsync(
            context,
            writer,
            time,
            accountId,
            (batch, _) => TypedResults.Json(
                AccountRules.Wallets(batch, accountId) is [var newest, ..] ? new WalletAnswer(newest) : throw new Refusal(404, "wallet_not_found", "No wallet is registered for this account."),
                CreditJson.Default.WalletAnswer))).AllowCallers(Readers);

        routes.MapGet("/admin/credits", ListAsync).AllowCallers(CallerKinds.Operator);
        routes.MapGet("/admin/credits/check", async (HttpContext context, BookCheck check) => TypedResults.Json(
            await check.RunAsync(context.RequestAborted), CreditJson.Default.BookReport)).AllowCallers(CallerKinds.Operator);
        routes.MapPost("/admin/credits/check", ReleaseAsync).AllowCallers(CallerKinds.Operator);
        return routes;
    }

    private static Task<IResult> ReadAsync(HttpContext context, IStoreWriter writer, TimeProvider time, string accountId, Func<IStoreBatch, long, IResult> read)
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var caller = context.Caller();
        context.Response.Headers.CacheControl = "no-store";
        return writer.WriteAsync(
            batch =>
            {
                AccountAccess.Require(batch, caller, accountId, AccountRole.Member, services: true);
                return read(batch, nowMs);
            },
            context.RequestAborted);
    }

    private static async Task<IResult> GiveAsync(string accountId, HttpContext context, IdempotentAnswers answers, AccountOptions options)
    {
        var request = JsonBody.Read(context, CreditJson.Default.FaucetRequest);
        return TypedResults.Json(
            await answers.RunAsync(context, CreditJson.Default.CreditedAnswer, (batch, nowMs) => Corrections.Give(batch, accountId, request, options.Faucet, context.Caller(), nowMs)),
            CreditJson.Default.CreditedAnswer);
    }

    private static async Task<IResult> AdjustAsync(string accountId, HttpContext context, IdempotentAnswers answers)
    {
        var request = JsonBody.Read(context, CreditJson.Default.AdjustRequest);
        return TypedResults.Json(
            await answers.RunAsync(context, CreditJson.Default.CreditedAnswer, (batch, nowMs) => Corrections.Adjust(batch, accountId, request, context.Caller(), nowMs)), CreditJson.Default.CreditedAnswer);
    }

    private static async Task<IResult> OpenAsync(HttpContext context, IdempotentAnswers answers)
    {
        var request = JsonBody.Read(context, CreditJson.Default.NewAccountRequest);
        return TypedResults.Json(await answers.RunAsync(context, CreditJson.Default.AccountOk, (batch, nowMs) => AccountRules.Open(batch, request, nowMs)), CreditJson.Default.AccountOk);
    }

    private static async Task<IResult> AddMemberAsync(string accountId, HttpContext context, IdempotentAnswers answers)
    {
        var request = JsonBody.Read(context, CreditJson.Default.MemberRequest);
        return TypedResults.Json(
            await answers.RunAsync(context, CreditJson.Default.PlainOk, (batch, nowMs) => AccountRules.AddMember(batch, accountId, request, context.Caller(), nowMs)), CreditJson.Default.PlainOk);
    }

    private static async Task<IResult> RegisterWalletAsync(HttpContext context, IdempotentAnswers answers)
    {
        var request = JsonBody.Read(context, CreditJson.Default.Wallet);
        return TypedResults.Json(
            await answers.RunAsync(context, CreditJson.Default.AccountOk, (batch, nowMs) => AccountRules.RegisterWallet(batch, request, context.Caller(), nowMs)), CreditJson.Default.AccountOk);
    }

    private static async Task<IResult> ReadUserAsync(string userId, HttpContext context, IStoreWriter writer)
    {
        // A person whom the portal names reads what is that person's.
        if (AccountAccess.IsPerson(context.Caller()) && context.Caller().Name != userId)
        {
            throw new Refusal(403, "account_forbidden", "A person reads the accounts of that person only.");
        }

        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Json(await writer.WriteAsync(batch => AccountRules.Of(batch, userId), context.RequestAborted), CreditJson.Default.UserAccounts);
    }

    private static async Task<IResult> ReleaseAsync(HttpContext context, BookKeeper keeper)
    {
        if (JsonBody.Read(context, CreditJson.Default.CheckRequest) is not { Release: true })
        {
            throw Refusal.Invalid([new("release", "true: let money move again if the books agree")]);
        }

        return TypedResults.Json(await keeper.CheckAsync(context.Caller().Name, context.RequestAborted), CreditJson.Default.BookReport);
    }

    private static async Task<IResult> ListAsync(HttpContext context, IStoreWriter writer, int? limit, string? after)
    {
        if (limit is < 1 or > MostListed)
        {
            throw Refusal.Invalid([new("limit", "1 to 1000")]);
        }

        return TypedResults.Json(await writer.WriteAsync(batch => AccountTables.Read(batch, limit ?? MostListed, after), context.RequestAborted), CreditJson.Default.AccountTable);
    }
}
