using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCoder.Coordination;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary>
/// <c>edgecoder verify balances</c>: has a coordinator count all accounts again from their transfers and, separately, from what its log was told (docs/credits.md).
/// </summary>
internal static class VerifyBalances
{
    /// <summary>The command.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json)
    {
        var release = new Option<bool>("--release") { Description = "Let credits move again after a difference stopped them, if there is none any more." };
        var command = new Command("balances", "Count the accounts of a coordinator again, from its transfers and from its log. For operators. Exit code: 0 all agree and move; 1 they do not.") { release };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                using var api = CoordinatorApi.Open(surroundings);
                var text = arguments.GetValue(release)
                    ? await api.OperateAsync("admin/credits/check", """{"release":true}""", cancellation)
                    : await api.GetTextAsync("admin/credits/check", asOperator: true, cancellation);
                var report = JsonNode.Parse(text)!;
                if (arguments.GetValue(json))
                {
                    await surroundings.Output.WriteLineAsync(text);
                }
                else
                {
                    Show(surroundings, report);
                }

                return (bool?)report["ok"] == true && (bool?)report["stopped"] != true ? ExitCode.Success : ExitCode.Failed;
            },
            cancellationToken));
        return command;
    }

    private static void Show(Surroundings surroundings, JsonNode report)
    {
        foreach (var unit in report["units"] as JsonArray ?? [])
        {
            surroundings.Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{SafeText.ForTerminal((string?)unit?["unit"] ?? "")}: {(long?)unit?["accounts"] ?? 0:N0} accounts, their balances sum to {(long?)unit?["balances"] ?? 0}, held less promised {(long?)unit?["pending"] ?? 0}"));
        }

        foreach (var difference in report["differences"] as JsonArray ?? [])
        {
            surroundings.Console.WriteLine(SafeText.ForTerminal(string.Create(
                CultureInfo.InvariantCulture,
                $"Wrong: {difference?["accountId"]}, by its {difference?["source"]}: held {difference?["debitsPending"]}, spent {difference?["debitsPosted"]}, promised {difference?["creditsPending"]}, received {difference?["creditsPosted"]}")));
        }

        surroundings.Console.WriteLine(((bool?)report["ok"], (bool?)report["stopped"]) switch
        {
            (true, true) => "All agree, and nothing is moved since a check found a difference. When you know why: edgecoder verify balances --release",
            (true, _) => string.Create(CultureInfo.InvariantCulture, $"All agree: {(long?)report["transfers"] ?? 0:N0} transfers."),
            _ => "The books do not agree (balance_mismatch). Nothing is moved until they do.",
        });
    }
}
