using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCoder.Coordination;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder credits sends</c> and <c>edgecoder credits close-send</c>: sats on their way to wallets, for operators (docs/treasury.md).</summary>
internal static class SendCommands
{
    /// <summary><c>credits sends</c>.</summary>
    public static Command List(Surroundings surroundings, Option<bool> json)
    {
        var status = new Option<string>("--status") { Description = "requested, pending_manual_review, approved, sending, unknown, sent or failed.", DefaultValueFactory = _ => "unknown" };
        var command = new Command("sends", "Sends of sats in a state; without a word, those whose end is not known.") { status };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                using var api = CoordinatorApi.Open(surroundings);
                var text = await api.GetTextAsync($"economy/sends?status={Uri.EscapeDataString(arguments.GetValue(status)!)}", asOperator: true, cancellation);
                if (arguments.GetValue(json))
                {
                    await surroundings.Output.WriteLineAsync(text);
                    return ExitCode.Success;
                }

                var table = new Table().Border(TableBorder.None).AddColumns("Send", "Account", "State").AddColumn(new TableColumn("Sats").RightAligned()).AddColumns("Since", "Reason");
                foreach (var one in JsonNode.Parse(text)!["requests"]!.AsArray())
                {
                    var since = DateTimeOffset.FromUnixTimeMilliseconds((long?)one!["createdAtMs"] ?? 0).ToLocalTime();
                    table.AddRow(Cell(one["requestId"]), Cell(one["accountId"]), Cell(one["status"]), Cell(one["amountSats"]), new Text(since.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)), Cell(one["reason"]));
                }

                surroundings.Console.Write(table);
                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    /// <summary><c>credits close-send ID</c>.</summary>
    public static Command Close(Surroundings surroundings, Option<bool> json)
    {
        var id = new Argument<string>("send") { Description = "Its id; see edgecoder credits sends." };
        var outcome = new Option<string>("--outcome") { Description = "sent or failed: what became of it.", Required = true };
        var fee = new Option<long?>("--fee-msat") { Description = "With sent: what the node took beyond the amount." };
        var reason = new Option<string>("--reason") { Description = "How you know, 10 to 200 characters; kept with your name.", Required = true };
        var command = new Command("close-send", "End a send whose node is lost. A node that answers has the last word; failed can be said 21 days after the invoice's end.") { id, outcome, fee, reason };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                using var api = CoordinatorApi.Open(surroundings);
                var body = new JsonObject { ["outcome"] = arguments.GetValue(outcome), ["reason"] = arguments.GetValue(reason) };
                if (arguments.GetValue(fee) is { } msat)
                {
                    body["feeMsat"] = msat;
                }

                var text = await api.OperateAsync($"economy/sends/{Uri.EscapeDataString(arguments.GetValue(id)!)}/close", body.ToJsonString(), cancellation);
                if (arguments.GetValue(json))
                {
                    await surroundings.Output.WriteLineAsync(text);
                }
                else
                {
                    surroundings.Console.WriteLine(SafeText.ForTerminal($"Send {arguments.GetValue(id)} is closed as {arguments.GetValue(outcome)}."));
                }

                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    private static Text Cell(JsonNode? value) => new(value is null ? "" : SafeText.ForTerminal(value.ToString()));
}
