using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.Lightning;
using EdgeCoder.Coordinator.Prices;
using EdgeCoder.Coordinator.Tasks;
using EdgeCoder.Hosting.Callers;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Payments;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.Coordinator.Payments;

/// <summary>What people and services may do with purchases (economy-and-ledger 6.2).</summary>
internal sealed class PaymentDesk(IntentStore store, PaymentInquiry inquiry, ILightningProvider provider, CoordinatorIdentity identity, PaymentSettings settings, PaymentClock time)
{
    private const int MostKeyCharacters = 200;

    /// <summary>
    /// Begins a purchase: 1. the row, with everything it comes to; 2. the invoice; 3. the invoice noted. Where 2 fails the row is cancelled. Throws 400
    /// <c>validation_failed</c>, <c>amount_out_of_range</c>, <c>amount_too_small</c>, <c>onchain_not_supported</c>; 401, 403; 503 <c>payments_disabled</c>; 502 with the provider's code; and what <see cref="IntentStore.AddAsync"/> throws.
    /// </summary>
    public async Task<PaymentIntentRow> CreateAsync(IntentRequest request, string? idempotencyKey, Caller caller, CancellationToken cancellationToken)
    {
        var amountSats = Check(request, idempotencyKey);
        var accountId = SubmitterAccount.Of(request.AccountId, caller);
        if (provider.Name == LightningSettings.None)
        {
            throw new Refusal(503, "payments_disabled", "This coordinator sells no credits: its operator named no LIGHTNING_PROVIDER.");
        }

        // 1
        var nowMs = time.NowMs;
        var intentId = Guid.NewGuid().ToString();
        var (id, isNew) = await store.AddAsync(
            batch => Quote(batch, intentId, accountId, amountSats, RequestKey(caller, idempotencyKey), nowMs), accountId, amountSats, RequestKey(caller, idempotencyKey), nowMs, cancellationToken).ConfigureAwait(false);

        // From here on the caller's leaving does not leave a row half made.
        if (isNew)
        {
            await InvoiceAsync(id, accountId, amountSats).ConfigureAwait(false);
        }

        return await GetAsync(id, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>A purchase that the caller may see; 404 <c>intent_not_found</c> else.</summary>
    public async Task<PaymentIntentRow> FindAsync(string intentId, Caller caller, CancellationToken cancellationToken) =>
        await store.FindAsync(intentId, cancellationToken).ConfigureAwait(false) is { } row && SubmitterAccount.Sees(caller, row.AccountId) ? row : throw NotFound();

    /// <summary>The fee of a settled one; null without.</summary>
    public Task<FeeEventRow?> FeeAsync(PaymentIntentRow intent, CancellationToken cancellationToken) => store.FeeAsync(intent.IntentId, cancellationToken);

    /// <summary>
    /// Asks the provider now. The settled purchase, the same at every call; 409 <c>payment_not_settled</c> or <c>intent_expired</c>; 503
    /// <c>payment_provider_unavailable</c>.
    /// </summary>
    public async Task<PaymentIntentRow> ConfirmAsync(string intentId, Caller caller, CancellationToken cancellationToken)
    {
        var intent = await FindAsync(intentId, caller, cancellationToken).ConfigureAwait(false);
        var outcome = await inquiry.AskAsync(intent, cancellationToken).ConfigureAwait(false);
        return outcome switch
        {
            InquiryOutcome.Settled or InquiryOutcome.AlreadySettled => await GetAsync(intentId, cancellationToken).ConfigureAwait(false),
            InquiryOutcome.Expired => throw Expired(),
            InquiryOutcome.NotSettled when intent.Status == PaymentStatus.Expired => throw Expired(),
            InquiryOutcome.NotSettled => throw new Refusal(409, "payment_not_settled", "The payment has not arrived. Pay the invoice, or ask again in a moment."),
            InquiryOutcome.Unavailable => throw Unavailable(),
            _ => throw new InvalidOperationException("The inquiry ended in a way that is not known here."),
        };
    }

    /// <summary>Calls a purchase off, at the provider too where it can. One that has ended stays as it is; a payment that comes all the same is honoured.</summary>
    public async Task<PaymentIntentRow> CancelAsync(string intentId, Caller caller, CancellationToken cancellationToken)
    {
        var intent = await FindAsync(intentId, caller, cancellationToken).ConfigureAwait(false);
        if (await store.EndAsync(intentId, PaymentStatus.Cancelled, cancellationToken).ConfigureAwait(false) && intent.PaymentHash is { } hash && intent.Provider == provider.Name)
        {
            await provider.CancelAsync(hash, intentId, cancellationToken).ConfigureAwait(false);
        }

        return await GetAsync(intentId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// A webhook's word: worth asking the provider, and nothing else. Gives the purchase and what became of it; 404 <c>intent_not_found</c>, 503
    /// <c>payment_provider_unavailable</c>.
    /// </summary>
    public async Task<(PaymentIntentRow Intent, InquiryOutcome Outcome)> HintAsync(WebhookRequest request, CancellationToken cancellationToken)
    {
        FieldRules.ThrowIfAny([.. InvalidHint(request)]);
        var intent = await store.FindByInvoiceAsync(request.InvoiceRef!, cancellationToken).ConfigureAwait(false) ?? throw NotFound();
        var outcome = intent.Status is PaymentStatus.Settled or PaymentStatus.SettledLate ? InquiryOutcome.AlreadySettled
            : request.Settled is false ? InquiryOutcome.NotSettled
            : await inquiry.AskAsync(intent, cancellationToken).ConfigureAwait(false);
        return outcome is InquiryOutcome.Unavailable ? throw Unavailable() : (await GetAsync(intent.IntentId, cancellationToken).ConfigureAwait(false), outcome);
    }

    private static IEnumerable<FieldIssue> InvalidHint(WebhookRequest request)
    {
        if (!FieldRules.Length(request.InvoiceRef, 8, 4096))
        {
            yield return new("invoiceRef", "the invoice, 8 to 4096 characters");
        }

        if (request.Settled is null)
        {
            yield return new("settled", "true or false");
        }
    }

    private static Refusal NotFound() => new(404, "intent_not_found", "There is no such purchase here, or it is not one of this credential's accounts.");

    private static Refusal Expired() => new(409, "intent_expired", "The invoice was not paid in time. Begin a new purchase; a payment that still arrives is credited all the same.");

    private static Refusal Unavailable() => new(503, "payment_provider_unavailable", "The Lightning node does not tell whether this is paid. Nothing was changed; ask again in a moment.");

    private static string? RequestKey(Caller caller, string? key) => key is null ? null : $"{caller.Kind}\n{caller.Name}\n{key}";

    private static long Check(IntentRequest request, string? idempotencyKey)
    {
        if (request.WalletType == "onchain")
        {
            throw new Refusal(400, "onchain_not_supported", "Credits are bought over Lightning. Leave walletType out, or say lightning.");
        }

        List<FieldIssue> issues = [];
        FieldRules.Require(issues, request.WalletType is null or "lightning", "walletType", "lightning");
        FieldRules.Require(issues, request.AmountSats is not null, "amountSats", $"sats, 1 to {PurchaseQuote.MostSats}");
        FieldRules.Require(issues, idempotencyKey is null || FieldRules.Length(idempotencyKey, 1, MostKeyCharacters), "Idempotency-Key", $"1 to {MostKeyCharacters} characters");
        FieldRules.ThrowIfAny(issues);
        return request.AmountSats is >= 1 and <= PurchaseQuote.MostSats
            ? request.AmountSats.Value
            : throw new Refusal(400, "amount_out_of_range", $"A purchase is of 1 to {PurchaseQuote.MostSats} sats.");
    }

    private PaymentIntentRow Quote(IStoreBatch batch, string intentId, string accountId, long amountSats, string? requestKey, long nowMs)
    {
        var rate = PriceBook.SatsPerCredit(batch);
        var quote = PurchaseQuote.Of(amountSats, settings.FeeBps, rate)
            ?? throw new Refusal(400, "amount_too_small", "At the price of now this buys not even a thousandth of a credit. Buy for more.");
        return new()
        {
            IntentId = intentId,
            AccountId = accountId,
            CoordinatorId = identity.PeerId,
            WalletType = "lightning",
            Network = settings.Lightning.Network,
            Provider = provider.Name,
            AmountSats = amountSats,
            FeeBps = settings.FeeBps,
            FeeSats = quote.FeeSats,
            NetSats = quote.NetSats,
            SatsPerCredit = rate,
            QuotedMc = quote.Credits.Value,
            Status = PaymentStatus.Created,
            CreatedAtMs = nowMs,
            ExpiresAtMs = nowMs + (long)settings.IntentTtl.TotalMilliseconds,
            RequestKey = requestKey,
        };
    }

    private async Task InvoiceAsync(string intentId, string accountId, long amountSats)
    {
        try
        {
            // 2
            var order = new InvoiceOrder(intentId, amountSats, "edgecoder_credits:" + accountId, (long)settings.IntentTtl.TotalMilliseconds / 1000);
            var invoice = await provider.CreateAsync(order, CancellationToken.None).ConfigureAwait(false);

            // 3
            if (!await store.AttachAsync(intentId, invoice.PaymentRequest, invoice.PaymentHash, CancellationToken.None).ConfigureAwait(false))
            {
                throw InvoiceException.Invalid(provider.Name);
            }
        }
        catch (InvoiceException fault)
        {
            await store.EndAsync(intentId, PaymentStatus.Cancelled, CancellationToken.None).ConfigureAwait(false);
            throw new Refusal(502, fault.Error, "The Lightning node made no invoice for this purchase. Nothing was charged; try again in a moment.");
        }
    }

    private async Task<PaymentIntentRow> GetAsync(string intentId, CancellationToken cancellationToken) =>
        await store.FindAsync(intentId, cancellationToken).ConfigureAwait(false) ?? throw NotFound();
}
