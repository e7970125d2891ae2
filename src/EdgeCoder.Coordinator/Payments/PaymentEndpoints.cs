using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Credentials;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Payments;

/// <summary>Routes of purchases (economy-and-ledger 6.2).</summary>
internal static class PaymentEndpoints
{
    private const string WebhookHeader = "x-payment-webhook-secret";
    private const string IdempotencyHeader = "Idempotency-Key";

    // Agents and the mesh token alone have no economy right (1.3).
    private const CallerKinds Members = CallerKinds.Submitter | CallerKinds.Operator;
    private const CallerKinds MembersAndPortal = Members | CallerKinds.PortalService;

    /// <summary>Maps them.</summary>
    public static IEndpointRouteBuilder MapPayments(this IEndpointRouteBuilder routes)
    {
        var desk = routes.ServiceProvider.GetRequiredService<PaymentDesk>();
        var group = routes.MapGroup("/economy/payments");

        group.MapPost("/intents", async context =>
        {
            var key = context.Request.Headers.TryGetValue(IdempotencyHeader, out var values) ? values.ToString() : null;
            var made = await desk.CreateAsync(JsonBody.Read(context, PaymentJson.Default.IntentRequest), key, context.Caller(), context.RequestAborted).ConfigureAwait(false);
            await WriteAsync(context, new(true, PaymentViews.Of(made)), PaymentJson.Default.IntentAnswer).ConfigureAwait(false);
        }).AllowCallers(MembersAndPortal);

        group.MapGet("/intents/{intentId}", async context =>
        {
            var found = await desk.FindAsync(Id(context), context.Caller(), context.RequestAborted).ConfigureAwait(false);
            await WriteAsync(context, new(PaymentViews.Of(found), PaymentViews.Receipt(found)), PaymentJson.Default.IntentDetail).ConfigureAwait(false);
        }).AllowCallers(MembersAndPortal);

        group.MapPost("/intents/{intentId}/confirm", async context =>
        {
            var settled = await desk.ConfirmAsync(Id(context), context.Caller(), context.RequestAborted).ConfigureAwait(false);
            await WriteAsync(context, await SettledAsync(desk, settled, context.RequestAborted).ConfigureAwait(false), PaymentJson.Default.IntentAnswer).ConfigureAwait(false);
        }).AllowCallers(MembersAndPortal);

        group.MapPost("/intents/{intentId}/cancel", async context =>
        {
            var ended = await desk.CancelAsync(Id(context), context.Caller(), context.RequestAborted).ConfigureAwait(false);
            await WriteAsync(context, new(true, PaymentViews.Of(ended)), PaymentJson.Default.IntentAnswer).ConfigureAwait(false);
        }).AllowCallers(MembersAndPortal);

        group.MapPost("/webhook", async context =>
        {
            CheckSecret(context, routes.ServiceProvider.GetRequiredService<WebhookSecret>());
            var (intent, outcome) = await desk.HintAsync(JsonBody.Read(context, PaymentJson.Default.WebhookRequest), context.RequestAborted).ConfigureAwait(false);
            var answer = outcome switch
            {
                InquiryOutcome.Settled => await SettledAsync(desk, intent, context.RequestAborted).ConfigureAwait(false),
                InquiryOutcome.AlreadySettled => new IntentAnswer(true, AlreadySettled: true),
                _ => new IntentAnswer(true, Ignored: true),
            };
            await WriteAsync(context, answer, PaymentJson.Default.IntentAnswer).ConfigureAwait(false);
        }).AllowCallers(CallerKinds.Anyone);

        group.MapPost("/reconcile", async context =>
        {
            JsonBody.Read(context, NoMembersJson.Default.NoMembers);
            var count = await routes.ServiceProvider.GetRequiredService<PaymentSweep>().OpenAsync(context.RequestAborted).ConfigureAwait(false);
            await WriteAsync(context, new(true, count.Scanned, count.Settled, count.Expired), PaymentJson.Default.ReconcileAnswer).ConfigureAwait(false);
        }).AllowCallers(CallerKinds.Operator);
        return routes;
    }

    private static async Task<IntentAnswer> SettledAsync(PaymentDesk desk, PaymentIntentRow intent, CancellationToken cancellationToken) =>
        new(true, PaymentViews.Of(intent), PaymentViews.Of(await desk.FeeAsync(intent, cancellationToken).ConfigureAwait(false)));

    // Before the body is looked at: an unset secret closes the route and never opens it (1.3).
    private static void CheckSecret(HttpContext context, WebhookSecret secret)
    {
        if (secret.Digest is not { } digest)
        {
            throw new Refusal(503, "service_credential_missing", "This coordinator takes no webhooks: its operator set no PAYMENT_WEBHOOK_SECRET. Payments are found without them.");
        }

        if (!context.Request.Headers.TryGetValue(WebhookHeader, out var given) || !digest.Is(given.ToString()))
        {
            throw new Refusal(401, "webhook_signature_required", $"Send the webhook's secret in the header {WebhookHeader}.");
        }
    }

    private static string Id(HttpContext context) => (string)context.Request.RouteValues["intentId"]!;

    private static Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}

/// <summary>What a webhook proves itself with.</summary>
/// <param name="Digest">Null: the route is closed.</param>
internal sealed record WebhookSecret(SecretDigest? Digest);
