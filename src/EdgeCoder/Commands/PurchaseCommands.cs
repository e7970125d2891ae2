using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCoder.Coordination;
using EdgeCoder.Terminal;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder credits buy</c> and <c>edgecoder credits purchase</c>: an invoice to pay over Lightning, and what became of it (docs/payments.md).</summary>
internal static class PurchaseCommands
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    // The coordinator asks its node once more when the time is over; whoever waits here is not kept longer than that takes.
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    /// <summary><c>credits buy SATS</c>.</summary>
    public static Command Buy(Surroundings surroundings, Option<bool> json)
    {
        var sats = new Argument<long>("sats") { Description = "What you pay, in sats: 1 to 100,000,000." };
        var account = new Option<string?>("--account") { Description = "Account that gets the credits. Default: your own." };
        var noWait = new Option<bool>("--no-wait") { Description = "Show the invoice and end." };
        var command = new Command("buy", "Buy credits: shows a Lightning invoice and waits until it is paid.") { sats, account, noWait };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                using var api = CoordinatorApi.Open(surroundings);
                var named = arguments.GetValue(account) ?? api.AccountId
                    ?? throw new UsageException("account_missing", "There is no account on this machine.", "Name one with --account, or set AGENT_ACCOUNT_ID.");
                var order = new JsonObject { ["accountId"] = named, ["amountSats"] = arguments.GetValue(sats) };
                var answer = await api.SendAsync("economy/payments/intents", order.ToJsonString(), cancellation);
                var intent = JsonNode.Parse(answer)!["intent"]!;
                if (arguments.GetValue(json))
                {
                    surroundings.Output.WriteLine(answer);
                    surroundings.Output.Flush();
                }
                else
                {
                    Invoice(surroundings, intent, waits: !arguments.GetValue(noWait));
                }

                return arguments.GetValue(noWait) ? ExitCode.Success : await WaitAsync(surroundings, arguments.GetValue(json), api, intent, cancellation);
            },
            cancellationToken));
        return command;
    }

    /// <summary><c>credits purchase ID</c>.</summary>
    public static Command Purchase(Surroundings surroundings, Option<bool> json)
    {
        var id = new Argument<string>("id") { Description = "Id of the purchase." };
        var wait = new Option<bool>("--wait") { Description = "Wait until it is paid." };
        var command = new Command("purchase", "What became of a purchase, with its signed receipt. Exit code: 0 paid; 1 not paid.") { id, wait };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                using var api = CoordinatorApi.Open(surroundings);
                var text = await api.GetTextAsync(PathOf(arguments.GetValue(id)!), asOperator: false, cancellation);
                var intent = JsonNode.Parse(text)!["intent"]!;
                if (arguments.GetValue(wait) && Status(intent) == "created")
                {
                    return await WaitAsync(surroundings, arguments.GetValue(json), api, intent, cancellation);
                }

                if (arguments.GetValue(json))
                {
                    surroundings.Output.WriteLine(text);
                }
                else if (Status(intent) == "created")
                {
                    Invoice(surroundings, intent, waits: false);
                }
                else
                {
                    surroundings.Tell(Ending(intent));
                }

                return IsPaid(intent) ? ExitCode.Success : ExitCode.Failed;
            },
            cancellationToken));
        return command;
    }

    private static async Task<ExitCode> WaitAsync(Surroundings surroundings, bool json, CoordinatorApi api, JsonNode intent, CancellationToken cancellationToken)
    {
        var end = DateTimeOffset.FromUnixTimeMilliseconds((long)intent["expiresAtMs"]!) + Grace;
        using var progress = surroundings.Progress(json);
        while (true)
        {
            try
            {
                var answer = await api.SendAsync(PathOf((string)intent["intentId"]!) + "/confirm", "{}", cancellationToken);
                progress.Clear();
                if (json)
                {
                    surroundings.Output.WriteLine(answer);
                }
                else
                {
                    surroundings.Tell(Ending(JsonNode.Parse(answer)!["intent"]!));
                }

                return ExitCode.Success;
            }
            catch (CoordinatorException fault) when (fault.Code is "payment_not_settled" or "payment_provider_unavailable" && surroundings.Time.GetUtcNow() < end)
            {
                progress.Show(fault.Code == "payment_not_settled" ? "waiting for the payment" : "the coordinator's Lightning node does not answer; asking again");
            }
            catch (CoordinatorException fault) when (fault.Code is "payment_not_settled" or "payment_provider_unavailable" or "intent_expired")
            {
                throw new CoordinatorException(fault.Code, fault.Message, fault.Hint, ExitCode.Failed);
            }

            await Task.Delay(Pause, surroundings.Time, cancellationToken);
        }
    }

    private static void Invoice(Surroundings surroundings, JsonNode intent, bool waits)
    {
        var invoice = (string)intent["invoiceRef"]!;
        var until = DateTimeOffset.FromUnixTimeMilliseconds((long)intent["expiresAtMs"]!).ToLocalTime();
        surroundings.Tell(string.Create(CultureInfo.InvariantCulture, $"{(long)intent["amountSats"]!:N0} sats for {(decimal)intent["quotedCredits"]!:N3} credits to {intent["accountId"]}. Pay this invoice until {until:HH:mm} with any Lightning wallet of the network {intent["network"]}:"));
        if (surroundings.Terminals.Output)
        {
            QrCode.Write(surroundings.Console, "lightning:" + invoice, surroundings.Width());
        }

        // A line of its own, whole: it is copied.
        surroundings.Console.Profile.Out.Writer.WriteLine("\n" + SafeText.ForTerminal(invoice) + "\n");
        surroundings.Error.WriteLine(SafeText.ForTerminal(waits
            ? $"Ctrl-C ends the waiting, not the purchase: edgecoder credits purchase {intent["intentId"]} --wait"
            : $"Whether it is paid: edgecoder credits purchase {intent["intentId"]}"));
    }

    private static string Ending(JsonNode intent) => Status(intent) switch
    {
        "settled" or "settled_late" => string.Create(CultureInfo.InvariantCulture, $"Paid: {(decimal)intent["quotedCredits"]!:N3} credits to {intent["accountId"]}. Purchase {intent["intentId"]}."),
        "expired" => "Not paid in time. A payment that still arrives is credited all the same; for another one: edgecoder credits buy",
        "cancelled" => "Cancelled. A payment that still arrives is credited all the same.",
        var other => $"State: {other}.",
    };

    private static bool IsPaid(JsonNode intent) => Status(intent) is "settled" or "settled_late";

    private static string Status(JsonNode intent) => (string?)intent["status"] ?? "";

    private static string PathOf(string id) => "economy/payments/intents/" + Uri.EscapeDataString(id);
}
