using System.Text.Json.Serialization;
using EdgeCoder.Coordinator.Accounts;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Hosting.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace EdgeCoder.Coordinator.Payouts;

/// <summary>Routes of payouts (economy-and-ledger 8.4): what operators see of them, and corrections of what is owed.</summary>
internal static class PayoutEndpoints
{
    private const int MostShown = 1_000;

    private const string Shown =
        "SELECT payout_event_id, issuance_epoch_id, account_id, payout_type, amount_msat, source_intent_id, transfer_id, created_at_ms FROM issuance_payout_events WHERE ($1 = '' OR source_intent_id = $1) ORDER BY created_at_ms DESC, payout_type, account_id LIMIT $2";

    /// <summary>Maps them.</summary>
    public static IEndpointRouteBuilder MapPayouts(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/economy/payouts", async (HttpContext context, IStoreWriter writer, string? intentId, int? limit) =>
        {
            if (limit is < 1 or > MostShown)
            {
                throw Refusal.Invalid([new("limit", "1 to 1000")]);
            }

            return TypedResults.Json(
                new PayoutList(await writer.WriteAsync(
                    batch => batch.Query(
                        Shown,
                        row => new PayoutView(row.Text(0), row.TextOrNull(1), row.Text(2), row.Text(3), row.Number(4), row.Text(5), row.TextOrNull(6), row.Number(7)), intentId ?? "", (long)(limit ?? 100)),
                    context.RequestAborted)),
                PayoutJson.Default.PayoutList);
        }).AllowCallers(CallerKinds.Operator);
        routes.MapPost("/economy/payables/{accountId}/adjust", async (string accountId, HttpContext context, IdempotentAnswers answers) =>
        {
            var request = JsonBody.Read(context, PayableJson.Default.PayableAdjustRequest);
            return TypedResults.Json(
                await answers.RunAsync(context, PayableJson.Default.PayableAdjusted, (batch, nowMs) => PayableCorrections.Adjust(batch, accountId, request, context.Caller(), nowMs)), PayableJson.Default.PayableAdjusted);
        }).AllowCallers(CallerKinds.Operator);
        return routes;
    }
}

/// <summary>A part of a purchase as it is shown.</summary>
internal sealed record PayoutView(string PayoutEventId, string? IssuanceEpochId, string AccountId, string PayoutType, long AmountMsat, string SourceIntentId, string? TransferId, long CreatedAtMs);

/// <summary>Answer of <c>GET /economy/payouts</c>, the newest first.</summary>
internal sealed record PayoutList(IReadOnlyList<PayoutView> Payouts);

/// <summary>Messages of payouts.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PayoutList))]
internal sealed partial class PayoutJson : JsonSerializerContext;
