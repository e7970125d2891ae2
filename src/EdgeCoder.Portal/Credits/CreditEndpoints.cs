using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Pages;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Web;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Portal.Credits;

/// <summary>Routes and pages of credits (portal-and-control-plane 15.2).</summary>
internal static class CreditEndpoints
{
    private const int PageSize = 50;
    private const int MostExported = 10_000;
    private const int LargestPage = 200;

    /// <summary>Maps them.</summary>
    public static void MapCredits(this IEndpointRouteBuilder routes)
    {
        var desk = routes.ServiceProvider.GetRequiredService<CreditDesk>();
        routes.MapQuery("/portal/api/credits", Access.Person, context => desk.BalanceAsync(context.RequiredPerson(), context.RequestAborted));
        routes.MapQuery("/portal/api/credits/history", Access.Person, context => desk.HistoryAsync(context.RequiredPerson(), PageSize, context.Request.Query["before"], context.RequestAborted));
        routes.MapPage("/portal/api/credits/history.csv", Access.Person, context => CsvAsync(context, desk));
        routes.MapQuery("/portal/api/credits/intents", Access.Person, async context => new() { ["intents"] = (await desk.WalletsAsync(context.RequiredPerson(), context.RequestAborted).ConfigureAwait(false))["paymentIntents"]?.DeepClone() });
        routes.MapAction("POST", "/portal/api/credits/intents", Access.Person, request => BuyAsync(request, desk), (context, view, status) => PageAsync(context, view, status, desk));
        routes.MapQuery("/portal/api/credits/intents/{id}", Access.Person, context => desk.IntentAsync(context.RequiredPerson(), InputTexts.ClientIdOf(context), context.RequestAborted));
        routes.MapAction("POST", "/portal/api/credits/intents/{id}/cancel", Access.Person, async request =>
        {
            var id = InputTexts.ClientIdOf(request.Http);
            return new(await desk.CancelAsync(request.Http.RequiredPerson(), id, request.Cancelled).ConfigureAwait(false), $"/portal/wallet/{id}?done=purchase-cancelled");
        }, (context, view, status) => PurchaseAsync(context, view, status, desk));
        routes.MapPage("/portal/wallet", Access.Person, context => PageAsync(context, PageResults.View(context), StatusCodes.Status200OK, desk));
        routes.MapPage("/portal/wallet/{id}", Access.Person, context => PurchaseAsync(context, PageResults.View(context), StatusCodes.Status200OK, desk));
    }

    private static async Task<ActionOutcome> BuyAsync(ActionRequest request, CreditDesk desk)
    {
        var amount = request.Input.Number("amountSats", 1, 100_000_000, 0);
        if (amount is null && string.IsNullOrEmpty(request.Input.Raw("amountSats")))
        {
            request.Input.Fault("amountSats", "required");
        }

        var wallet = request.Input.Choice("walletType", "lightning", "onchain");
        var key = request.RepetitionKey();
        request.Input.ThrowIfFaulty();
        var made = await desk.BuyAsync(request.Http.RequiredPerson(), (long)amount!.Value, wallet, key, request.Cancelled).ConfigureAwait(false);
        return new(made, "/portal/wallet/" + (string?)made["intent"]?["intentId"]);
    }

    private static async Task<IResult> CsvAsync(HttpContext context, CreditDesk desk)
    {
        var lines = new List<LedgerLine>();
        for (string? before = null; lines.Count < MostExported;)
        {
            var page = CreditText.Lines(await desk.HistoryAsync(context.RequiredPerson(), LargestPage, before, context.RequestAborted).ConfigureAwait(false));
            lines.AddRange(page);
            if (page.Count < LargestPage)
            {
                break;
            }

            before = page[^1].Id;
        }

        context.Response.Headers.ContentDisposition = "attachment; filename=\"credits.csv\"";
        return Results.Bytes(Encoding.UTF8.GetBytes(CreditText.Csv(lines)), "text/csv; charset=utf-8");
    }

    private static async Task<IResult> PageAsync(HttpContext context, PageView view, int status, CreditDesk desk)
    {
        var (person, stop) = (view.Person!, context.RequestAborted);
        var (balance, history, wallets) = (TryAsync(desk.BalanceAsync(person, stop)), TryAsync(desk.HistoryAsync(person, PageSize, context.Request.Query["before"], stop)), TryAsync(desk.WalletsAsync(person, stop)));
        var (has, told, owns) = (await balance.ConfigureAwait(false), await history.ConfigureAwait(false), await wallets.ConfigureAwait(false));
        var lines = told is null ? null : CreditText.Lines(told);
        return PageResults.Page<WalletPage>(
            view,
            status,
            ("Balance", has is null ? null : CreditText.Number(has, "balance")),
            ("Held", has is null ? null : CreditText.Number(has, "held")),
            ("Lines", lines),
            ("Next", lines?.Count == PageSize ? lines[^1].Id : null),
            ("Purchases", owns is null ? null : CreditText.Purchases(owns)),
            ("Key", view.Value("key") is { Length: > 0 } key ? key : Guid.NewGuid().ToString()));
    }

    private static async Task<IResult> PurchaseAsync(HttpContext context, PageView view, int status, CreditDesk desk)
    {
        var found = await desk.IntentAsync(view.Person!, InputTexts.ClientIdOf(context), context.RequestAborted).ConfigureAwait(false);
        var purchase = CreditText.Purchase(found["intent"] as JsonObject ?? throw new Refusal(502, "coordinator_request_failed", "The coordinator gave an answer that this portal cannot read."));
        return PageResults.Page<PurchasePage>(view, status, ("Purchase", purchase), ("Code", purchase is { Status: "created", Invoice: { } invoice } ? InvoiceCode.Of(invoice) : null));
    }

    private static async Task<JsonObject?> TryAsync(Task<JsonObject> asked)
    {
        try
        {
            return await asked.ConfigureAwait(false);
        }
        catch (Refusal)
        {
            return null;
        }
    }
}
