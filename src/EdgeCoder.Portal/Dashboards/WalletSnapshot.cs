using System.Text.Json.Nodes;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Portal.Credits;
using EdgeCoder.Portal.Sessions;

namespace EdgeCoder.Portal.Dashboards;

/// <summary><c>walletSnapshot</c> of portal-and-control-plane 11: its parts are read side by side; each fails alone, is then named in <c>unavailable</c> and never shown as zero.</summary>
internal static class WalletSnapshot
{
    private const int Lines = 20;

    /// <summary>Reads it.</summary>
    public static async Task<JsonObject> ReadAsync(CreditDesk desk, SignedIn person, CancellationToken cancellationToken)
    {
        var unavailable = new JsonArray();
        var (balance, quote, history, wallets) = (desk.BalanceAsync(person, cancellationToken), desk.QuoteAsync(person, cancellationToken), desk.HistoryAsync(person, Lines, null, cancellationToken), desk.WalletsAsync(person, cancellationToken));
        var (credits, worth, lines, owns) = (await TryAsync("credits", balance).ConfigureAwait(false), await TryAsync("quote", quote).ConfigureAwait(false), await TryAsync("creditHistory", history).ConfigureAwait(false), await TryAsync("wallets", wallets).ConfigureAwait(false));
        if (owns is null)
        {
            unavailable.Add("paymentIntents");
        }

        return new()
        {
            ["credits"] = credits is null ? null : new JsonObject { ["accountId"] = credits["accountId"]?.DeepClone(), ["balance"] = credits["balance"]?.DeepClone() },
            ["quote"] = worth,
            ["creditHistory"] = lines?["history"]?.DeepClone() ?? new JsonArray(),
            ["wallets"] = owns?["wallets"]?.DeepClone() ?? new JsonArray(),
            ["paymentIntents"] = owns?["paymentIntents"]?.DeepClone() ?? new JsonArray(),
            ["unavailable"] = unavailable,
        };

        async Task<JsonObject?> TryAsync(string name, Task<JsonObject> asked)
        {
            try
            {
                return await asked.ConfigureAwait(false);
            }
            catch (Refusal)
            {
                unavailable.Add(name);
                return null;
            }
        }
    }
}
