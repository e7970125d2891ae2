using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Coordinators;
using EdgeCoder.Portal.Sessions;
using EdgeCoder.Portal.Tasks;

namespace EdgeCoder.Portal.Credits;

/// <summary>Credits of a person at the home coordinator: balance, ledger lines, purchases (portal-and-control-plane 15.2). Nothing here mints: a purchase counts when the payment provider proves it.</summary>
/// <param name="home">The coordinator.</param>
/// <param name="desk">Opens the account.</param>
internal sealed class CreditDesk(HomeCoordinator home, TaskDesk desk)
{
    /// <summary>Balance, held and available. An account that is not open yet has nothing, which is known.</summary>
    public async Task<JsonObject> BalanceAsync(SignedIn person, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(person, HttpMethod.Get, ["credits", HomeCoordinator.AccountOf(person), "balance"], cancellationToken).ConfigureAwait(false);
        }
        catch (Refusal refusal) when (refusal.Error == "account_not_found")
        {
            return new() { ["accountId"] = HomeCoordinator.AccountOf(person), ["unit"] = "credit", ["balance"] = 0.000m, ["held"] = 0.000m, ["available"] = 0.000m };
        }
    }

    /// <summary>Ledger lines, newest first; the next page begins before the last one.</summary>
    public async Task<JsonObject> HistoryAsync(SignedIn person, int limit, string? before, CancellationToken cancellationToken)
    {
        var query = new Dictionary<string, string?> { ["limit"] = limit.ToString(CultureInfo.InvariantCulture) };
        if (before is { Length: > 0 })
        {
            query["before"] = before;
        }

        try
        {
            return await home.AskAsync(HttpMethod.Get, ["credits", HomeCoordinator.AccountOf(person), "history"], person, HomeCoordinator.AccountOf(person), query: query, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (Refusal refusal) when (refusal.Error == "account_not_found")
        {
            return new() { ["accountId"] = HomeCoordinator.AccountOf(person), ["history"] = new JsonArray() };
        }
    }

    /// <summary>Wallets and the newest purchases.</summary>
    public async Task<JsonObject> WalletsAsync(SignedIn person, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(person, HttpMethod.Get, ["wallets", HomeCoordinator.AccountOf(person)], cancellationToken).ConfigureAwait(false);
        }
        catch (Refusal refusal) when (refusal.Error == "account_not_found")
        {
            return new() { ["accountId"] = HomeCoordinator.AccountOf(person), ["wallets"] = new JsonArray(), ["paymentIntents"] = new JsonArray() };
        }
    }

    /// <summary>What the balance is worth at the price of now.</summary>
    public Task<JsonObject> QuoteAsync(SignedIn person, CancellationToken cancellationToken) => AskAsync(person, HttpMethod.Get, ["economy", "credits", HomeCoordinator.AccountOf(person), "quote"], cancellationToken);

    /// <summary>Begins a purchase; the same key and amount again gives the same one. Throws 409 <c>idempotency_key_reused</c> and what the coordinator refuses.</summary>
    public async Task<JsonObject> BuyAsync(SignedIn person, long amountSats, string walletType, string? key, CancellationToken cancellationToken)
    {
        await desk.EnsureAccountAsync(person, cancellationToken).ConfigureAwait(false);
        try
        {
            return await home.AskAsync(
                HttpMethod.Post, ["economy", "payments", "intents"], person, HomeCoordinator.AccountOf(person), new() { ["accountId"] = HomeCoordinator.AccountOf(person), ["amountSats"] = amountSats, ["walletType"] = walletType }, null, key, cancellationToken).ConfigureAwait(false);
        }
        catch (Refusal refusal) when (refusal.Error == "idempotency_key_reused")
        {
            throw new Refusal(409, refusal.Error, refusal.Message);
        }
    }

    /// <summary>A purchase of the person. Throws 404 <c>intent_not_found</c>.</summary>
    public Task<JsonObject> IntentAsync(SignedIn person, string id, CancellationToken cancellationToken) => AskAsync(person, HttpMethod.Get, ["economy", "payments", "intents", id], cancellationToken);

    /// <summary>Calls a purchase off.</summary>
    public Task<JsonObject> CancelAsync(SignedIn person, string id, CancellationToken cancellationToken) => AskAsync(person, HttpMethod.Post, ["economy", "payments", "intents", id, "cancel"], cancellationToken);

    private Task<JsonObject> AskAsync(SignedIn person, HttpMethod method, string[] segments, CancellationToken cancellationToken) =>
        home.AskAsync(method, segments, person, HomeCoordinator.AccountOf(person), method == HttpMethod.Post ? new JsonObject() : null, cancellationToken: cancellationToken);
}
