using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Coordination;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder credits</c>: what accounts have. All of them for an operator, with their sum; one with its history for its members (docs/credits.md).</summary>
internal static class CreditsCommand
{
    /// <summary>The command.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json)
    {
        var account = new Argument<string?>("account") { Description = "One account, with what it did. Default: all, for an operator; your own without an operator's token.", Arity = ArgumentArity.ZeroOrOne };
        var limit = new Option<int>("--limit") { Description = "Entries of the history, 1 to 200.", DefaultValueFactory = _ => 20 };
        var command = new Command("credits", "Balances of accounts, whose sum is zero; or one account with its history.") { account, limit };
        command.Subcommands.Add(PurchaseCommands.Buy(surroundings, json));
        command.Subcommands.Add(PurchaseCommands.Purchase(surroundings, json));
        command.Subcommands.Add(SendCommands.List(surroundings, json));
        command.Subcommands.Add(SendCommands.Close(surroundings, json));
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                var access = Access.Read(surroundings);
                using var api = new CoordinatorApi(access);
                var asOperator = access.AdminToken is not null;
                var named = arguments.GetValue(account) ?? (asOperator ? null : access.AccountId
                    ?? throw new UsageException("account_missing", "There is neither an operator's token nor an account on this machine.", "Name the account, or set AGENT_ACCOUNT_ID."));
                return named is null
                    ? await AllAsync(surroundings, arguments.GetValue(json), api, cancellation)
                    : await OneAsync(surroundings, arguments.GetValue(json), api, named, asOperator, arguments.GetValue(limit), cancellation);
            },
            cancellationToken));
        return command;
    }

    private static async Task<ExitCode> AllAsync(Surroundings surroundings, bool json, CoordinatorApi api, CancellationToken cancellationToken)
    {
        JsonObject? whole = null;
        string? next = null;
        do
        {
            var page = JsonNode.Parse(await api.GetTextAsync(next is null ? "admin/credits" : $"admin/credits?after={Uri.EscapeDataString(next)}", asOperator: true, cancellationToken))!.AsObject();
            next = (string?)page["next"];
            page.Remove("next");
            if (whole is null)
            {
                whole = page;
                continue;
            }

            foreach (var more in page["accounts"]!.AsArray().ToList())
            {
                whole["accounts"]!.AsArray().Add(more!.DeepClone());
            }
        }
        while (next is not null);

        if (json)
        {
            await surroundings.Output.WriteLineAsync(whole.ToJsonString(JsonSerializerOptions.Default));
            return ExitCode.Success;
        }

        var table = new Table().Border(TableBorder.None).AddColumns("Account", "Kind", "Unit");
        foreach (var column in new[] { "Balance", "Held", "Available" })
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (var one in whole["accounts"]!.AsArray())
        {
            table.AddRow(Cell(one!["accountId"]), Cell(one["kind"]), Cell(one["unit"]), Cell(one["balance"]), Cell(one["held"]), Cell(one["available"]));
        }

        surroundings.Console.Write(table);
        foreach (var sum in whole["sums"]!.AsArray())
        {
            surroundings.Console.WriteLine($"Sum over {sum!["accounts"]} accounts in {SafeText.ForTerminal((string?)sum["unit"] ?? "")}: {sum["balances"]}");
        }

        if ((bool?)whole["stopped"] == true)
        {
            surroundings.Console.WriteLine("A check found a difference, and nothing is moved: edgecoder verify balances");
        }

        return ExitCode.Success;
    }

    private static async Task<ExitCode> OneAsync(Surroundings surroundings, bool json, CoordinatorApi api, string account, bool asOperator, int limit, CancellationToken cancellationToken)
    {
        var path = "credits/" + Uri.EscapeDataString(account);
        var balance = JsonNode.Parse(await api.GetTextAsync(path + "/balance", asOperator, cancellationToken))!.AsObject();
        var history = JsonNode.Parse(await api.GetTextAsync(string.Create(CultureInfo.InvariantCulture, $"{path}/history?limit={limit}"), asOperator, cancellationToken))!["history"]!.AsArray();
        if (json)
        {
            balance["history"] = history.DeepClone();
            await surroundings.Output.WriteLineAsync(balance.ToJsonString(JsonSerializerOptions.Default));
            return ExitCode.Success;
        }

        surroundings.Console.WriteLine(SafeText.ForTerminal($"{account}: {balance["balance"]} {balance["unit"]}, {balance["held"]} held, {balance["available"]} available"));
        var table = new Table().Border(TableBorder.None).AddColumns("When", "What").AddColumn(new TableColumn("Credits").RightAligned()).AddColumns("Reason", "Task");
        foreach (var entry in history)
        {
            table.AddRow(
                new Text(DateTimeOffset.FromUnixTimeMilliseconds((long?)entry!["timestampMs"] ?? 0).ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)),
                Cell(entry["type"]),
                Cell(entry["credits"]),
                Cell(entry["reason"]),
                Cell(entry["relatedTaskId"]));
        }

        surroundings.Console.Write(table);
        return ExitCode.Success;
    }

    private static Text Cell(JsonNode? value) => new(value is null ? "" : SafeText.ForTerminal(value.ToString()));
}
