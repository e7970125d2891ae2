using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Coordinator.Payments;
using EdgeCoder.Coordinator.Statistics;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Hosting.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdgeCoder.Coordinator.Payouts;

/// <summary>Routes of sends (economy-and-ledger 6.4).</summary>
internal static class SendEndpoints
{
    // Agents, the mesh token and operators ask for nothing here: the sats are somebody's own.
    private const CallerKinds Members = CallerKinds.Submitter | CallerKinds.PortalService;
    private const CallerKinds Readers = Members | CallerKinds.Operator;
    private const int MostShown = 25;
    private const int MostQueued = 100;

    /// <summary>Maps them.</summary>
    public static IEndpointRouteBuilder MapSends(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/wallets/{accountId}/sends", async (string accountId, HttpContext context, IdempotentAnswers answers, SendDesk desk) =>
        {
            var request = JsonBody.Read(context, SendJson.Default.SendRequest);
            var requestId = Guid.NewGuid().ToString();
            return TypedResults.Json(
                await answers.RunAsync(context, SendJson.Default.SendAnswer, (batch, _) => Answer(desk.Ask(batch, accountId, request, context.Caller(), requestId))), SendJson.Default.SendAnswer);
        }).AllowCallers(Members);

        routes.MapPost("/wallets/{accountId}/sends/{requestId}/confirm", async (string accountId, string requestId, HttpContext context, IStoreWriter writer, SendDesk desk, SendPoller poller, PaymentClock clock) =>
        {
            var confirmation = JsonBody.Read(context, SendJson.Default.SendConfirmation);
            var caller = context.Caller();
            return await ChangeAsync(writer, poller, clock, batch => desk.Confirm(batch, accountId, requestId, confirmation, caller), context);
        }).AllowCallers(CallerKinds.PortalService).WithMetadata(NeedsFinality.Metadata);

        routes.MapPost("/wallets/{accountId}/sends/{requestId}/cancel", async (string accountId, string requestId, HttpContext context, IStoreWriter writer, SendDesk desk) =>
        {
            var caller = context.Caller();
            var row = await writer.WriteAsync(batch => desk.Cancel(batch, accountId, requestId, caller), context.RequestAborted);
            return TypedResults.Json(Answer(row), SendJson.Default.SendAnswer);
        }).AllowCallers(Readers);

        routes.MapGet("/wallets/{accountId}/sends", async (string accountId, HttpContext context, IStoreWriter writer, PaymentClock clock) =>
        {
            var caller = context.Caller();
            context.Response.Headers.CacheControl = "no-store";
            return TypedResults.Json(await writer.WriteAsync(batch => List(batch, accountId, caller, clock.NowMs), context.RequestAborted), SendJson.Default.SendList);
        }).AllowCallers(Readers);

        routes.MapGet("/wallets/{accountId}/sends/{requestId}", async (string accountId, string requestId, HttpContext context, IStoreWriter writer, PaymentClock clock) =>
        {
            var caller = context.Caller();
            context.Response.Headers.CacheControl = "no-store";
            return TypedResults.Json(
                await writer.WriteAsync(
                    batch =>
                    {
                        AccountAccess.Require(batch, caller, accountId, AccountRole.Member, services: true);
                        return SendViews.Of(batch, SendRows.Find(batch, accountId, requestId), clock.NowMs);
                    },
                    context.RequestAborted),
                SendJson.Default.SendView);
        }).AllowCallers(Readers);

        routes.MapGet("/economy/sends", async (HttpContext context, IStoreWriter writer, PaymentClock clock, string? status) =>
        {
            var wanted = Status(status ?? "pending_manual_review");
            return TypedResults.Json(
                await writer.WriteAsync(batch => new SendQueue([.. SendRows.In(batch, wanted, MostQueued).Select(row => SendViews.Of(batch, row, clock.NowMs))]), context.RequestAborted), SendJson.Default.SendQueue);
        }).AllowCallers(CallerKinds.Operator);

        routes.MapPost("/economy/sends/{requestId}/review", async (string requestId, HttpContext context, IStoreWriter writer, SendDesk desk, SendPoller poller, PaymentClock clock) =>
        {
            var review = JsonBody.Read(context, SendJson.Default.SendReview);
            var caller = context.Caller();
            return await ChangeAsync(writer, poller, clock, batch => desk.Review(batch, requestId, review, caller), context);
        }).AllowCallers(CallerKinds.Operator);

        routes.MapPost("/economy/sends/{requestId}/close", async (string requestId, HttpContext context, SendClosing closing) => TypedResults.Json(
            Answer(await closing.CloseAsync(requestId, JsonBody.Read(context, SendJson.Default.SendClosure), context.Caller(), context.RequestAborted)), SendJson.Default.SendAnswer)).AllowCallers(CallerKinds.Operator);
        return routes;
    }

    private static SendAnswer Answer(WalletSendRow row) => new(true, SendViews.Of(row));

    // What was approved goes to the node behind the request.
    private static async Task<IResult> ChangeAsync(IStoreWriter writer, SendPoller poller, PaymentClock clock, Func<IStoreBatch, WalletSendRow> change, HttpContext context)
    {
        var view = await writer.WriteAsync(batch => SendViews.Of(batch, change(batch), clock.NowMs), context.RequestAborted).ConfigureAwait(false);
        poller.Wake();
        return TypedResults.Json(new SendAnswer(true, view), SendJson.Default.SendAnswer);
    }

    private static SendList List(IStoreBatch batch, string accountId, Caller caller, long nowMs)
    {
        AccountAccess.Require(batch, caller, accountId, AccountRole.Member, services: true);
        var payable = batch.Query(
            "SELECT credits_posted - debits_posted, debits_pending FROM accounts WHERE account_id = $1",
            row => new PayableView(row.Number(0), row.Number(1), row.Number(0) - row.Number(1)), SystemAccounts.Payable(accountId)) is [var found] ? found : new(0, 0, 0);
        return new(accountId, payable, [.. SendRows.Of(batch, accountId, MostShown).Select(row => SendViews.Of(batch, row, nowMs))]);
    }

    private static WalletSendStatus Status(string text)
    {
        foreach (var status in Enum.GetValues<WalletSendStatus>())
        {
            if (EnumText.Of(status) == text)
            {
                return status;
            }
        }

        throw Refusal.Invalid([new("status", string.Join(", ", Enum.GetValues<WalletSendStatus>().Select(status => EnumText.Of(status))))]);
    }
}
