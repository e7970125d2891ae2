using System.Globalization;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Payments;
using EdgeCoder.Coordinator.Statistics;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Hosting.Web;
using EdgeCoder.Ledger.Amounts;
using EdgeCoder.Ledger.Prices;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Problems;
using EdgeCoder.Protocol.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Prices;

/// <summary>Routes of prices (economy-and-ledger 5).</summary>
internal static class PriceEndpoints
{
    private const CallerKinds Readers = CallerKinds.Operator | CallerKinds.Peer | CallerKinds.Agent | CallerKinds.PortalService | CallerKinds.MeshService;

    private static readonly string[] Supposed = ["cpuCapacity", "gpuCapacity", "queuedTasks", "activeAgents"];

    /// <summary>Registers what they need: after the payments, whose clock they share.</summary>
    public static IServiceCollection AddPrices(this IServiceCollection services) => services.AddSingleton<PriceQuotes>().AddSingleton<PeerQuotes>().AddSingleton<PriceDesk>();

    /// <summary>Maps them. With <paramref name="publicRead"/> anybody reads current prices and quotes.</summary>
    public static IEndpointRouteBuilder MapPrices(this IEndpointRouteBuilder routes, bool publicRead)
    {
        var readers = publicRead ? Readers | CallerKinds.Anyone : Readers;
        routes.MapGet("/economy/price/current", async (HttpContext context, PriceDesk desk) =>
        {
            var current = await desk.CurrentAsync(context.RequestAborted).ConfigureAwait(false);
            return TypedResults.Json(new CurrentPrices(Of(ResourceClass.Cpu), Of(ResourceClass.Gpu)), PriceJson.Default.CurrentPrices);

            PriceEpochAnswer? Of(ResourceClass one) => current.FirstOrDefault(row => row.ResourceClass == one) is { } row ? Show(row) : null;
        }).AllowCallers(readers | CallerKinds.Submitter);

        routes.MapGet("/economy/price/quote", QuoteAsync).AllowCallers(readers);

        routes.MapPost("/economy/price/propose", async (HttpContext context, PriceDesk desk) =>
        {
            var kept = await desk.ProposeAsync(JsonBody.Read(context, PriceJson.Default.PriceProposal), context.Caller(), context.RequestAborted).ConfigureAwait(false);
            return TypedResults.Json(
                new ProposalAnswer(true, [.. kept.Select(quote => new ProposedQuote(quote.CoordinatorId, quote.ResourceClass, quote.PricePerComputeUnitSats, "proposed", quote.CreatedAtMs))]), PriceJson.Default.ProposalAnswer);
        }).AllowCallers(CallerKinds.Peer | CallerKinds.Operator);

        routes.MapPost("/economy/price/consensus", async (HttpContext context, PriceDesk desk) =>
        {
            JsonBody.Read(context, NoMembersJson.Default.NoMembers);
            var agreed = await desk.AgreeAsync(context.RequestAborted).ConfigureAwait(false);
            var shown = agreed.Select(one => new NegotiatedPrice(Show(one.Epoch), [.. one.Quotes.Select(quote => Show(quote, null, null))])).ToList();
            return TypedResults.Json(new ConsensusAnswer(true, shown[0], shown[1]), PriceJson.Default.ConsensusAnswer);
        }).AllowCallers(CallerKinds.Operator).WithMetadata(NeedsFinality.Metadata);

        routes.MapPost("/economy/price/epochs/{epochId}/approve", async (HttpContext context, PriceDesk desk, string epochId) =>
            TypedResults.Json(new ApprovedPrice(true, Show(await desk.ApproveAsync(epochId, context.RequestAborted).ConfigureAwait(false))), PriceJson.Default.ApprovedPrice)).AllowCallers(CallerKinds.Operator).WithMetadata(NeedsFinality.Metadata);

        routes.MapGet("/economy/credits/{accountId}/quote", async (HttpContext context, IStoreWriter writer, PaymentClock time, string accountId) =>
            TypedResults.Json(await CreditsAsync(writer, SubmitterAccount.Of(accountId, context.Caller()), time.NowMs, context.RequestAborted).ConfigureAwait(false), PriceJson.Default.CreditsQuote))
            .AllowCallers(CallerKinds.Submitter | CallerKinds.Operator | CallerKinds.PortalService);
        return routes;
    }

    private static async Task<IResult> QuoteAsync(HttpContext context, PriceQuotes quotes)
    {
        var query = context.Request.Query;
        List<FieldIssue> issues = [];
        var resourceClass = query["resourceClass"].ToString() switch
        {
            "" or "cpu" => ResourceClass.Cpu,
            "gpu" => ResourceClass.Gpu,
            _ => (ResourceClass?)null,
        };
        FieldRules.Require(issues, resourceClass is not null, "resourceClass", "cpu or gpu");
        var whatIf = Supposed.Any(query.ContainsKey);
        var figures = new long[Supposed.Length];
        for (var at = 0; whatIf && at < Supposed.Length; at++)
        {
            FieldRules.Require(
                issues, int.TryParse(query[Supposed[at]].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var value), Supposed[at], "all four figures, each 0 or more");
            figures[at] = value;
        }

        FieldRules.ThrowIfAny(issues);
        if (whatIf)
        {
            return TypedResults.Json(Show(quotes.Unsigned(resourceClass!.Value, new(figures[0], figures[1], figures[2], figures[3])), null, true), PriceJson.Default.PriceQuoteAnswer);
        }

        var (quote, signed) = quotes.Sign(resourceClass!.Value, await quotes.FiguresAsync(context.RequestAborted).ConfigureAwait(false));
        return TypedResults.Json(Show(quote, signed, null), PriceJson.Default.PriceQuoteAnswer);
    }

    private static Task<CreditsQuote> CreditsAsync(IStoreWriter writer, string accountId, long nowMs, CancellationToken cancellationToken) => writer.WriteAsync(
        batch =>
        {
            if (batch.Query("SELECT credits_posted - debits_posted FROM accounts WHERE account_id = $1 AND unit = 'credit'", row => row.Number(0), accountId) is not [var balance])
            {
                throw new Refusal(404, "account_not_found", "There is no such account of credits here.");
            }

            var agreed = PriceBook.CurrentCpu(batch);
            var rate = agreed ?? UnitPrice.DefaultSatsPerCredit;
            var credits = new Millicredits(balance);
            return new CreditsQuote(accountId, credits.Credits, rate, UnitPrice.SatsFor(credits, rate), agreed is null ? "default_floor" : "price_epoch", nowMs);
        },
        cancellationToken);

    private static PriceQuoteAnswer Show(PriceQuote quote, byte[]? signed, bool? whatIf) => new(
        quote.CoordinatorId, quote.ResourceClass, quote.PricePerComputeUnitSats, quote.SupplyIndex, quote.DemandIndex, quote.CreatedAtMs, quote.Signature, signed is null ? null : Convert.ToBase64String(signed), whatIf);

    private static PriceEpochAnswer Show(PriceEpochRow row)
    {
        var epoch = SignedDocument.Read(row.Document, PriceDocumentJson.Default.PriceEpoch) ?? throw new InvalidOperationException("A stored price cannot be read.");
        return new(
            epoch.EpochId, epoch.CoordinatorId, epoch.ResourceClass, epoch.PricePerComputeUnitSats, epoch.SupplyIndex, epoch.DemandIndex, epoch.NegotiatedWith, epoch.Signature!, epoch.CreatedAtMs, EnumText.Of(row.Status), Convert.ToBase64String(row.Document));
    }
}
