using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Coordination;
using EdgeCoder.Inputs;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder receipt</c>: fetches the receipts of a task as files that anybody can verify without the coordinator (docs/ledger.md).</summary>
internal static class ReceiptCommand
{
    /// <summary>The command.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json)
    {
        var id = new Argument<string>("task") { Description = "Its id." };
        var output = new Option<string?>("--out", "-o") { Description = "Where the receipt goes; further ones of the task get -2, -3 and so on. Default: receipt-<task>.json." };
        var force = new Option<bool>("--force") { Description = "Let it replace files." };
        var command = new Command("receipt", "Receipts of a task: what ran, who ran it, what it was checked with, what it cost. Verify them with edgecoder verify receipt.") { id, output, force };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                var task = arguments.GetValue(id)!;
                using var api = CoordinatorApi.Open(surroundings);
                var text = await api.GetTextAsync($"tasks/{Uri.EscapeDataString(task)}/receipts", asOperator: false, cancellation);
                var answer = JsonNode.Parse(text)!;
                var receipts = answer["receipts"]!.AsArray();
                if (arguments.GetValue(json))
                {
                    surroundings.Output.WriteLine(text);
                    return ExitCode.Success;
                }

                if (receipts.Count == 0)
                {
                    surroundings.Error.WriteLine((int)answer["pending"]! > 0
                        ? "The receipt is written and waits for the next checkpoint. Ask again in a second."
                        : $"There is no receipt yet: one is written when an attempt has its verdict. Where it is: edgecoder status {SafeText.ForTerminal(task)}");
                    return ExitCode.Failed;
                }

                var first = arguments.GetValue(output) ?? $"receipt-{task}.json";
                var places = Enumerable.Range(1, receipts.Count).Select(number => Numbered(first, number)).ToList();
                var files = places.ConvertAll(place => OutputFile.Prepare(Path.GetFullPath(place, surroundings.Directory), arguments.GetValue(force)));
                foreach (var (at, receipt) in receipts.Index())
                {
                    files[at].Write(receipt!.ToJsonString() + "\n");
                    surroundings.Console.WriteLine(SafeText.ForTerminal(Line(places[at], receipt)));
                }

                surroundings.Console.WriteLine(SafeText.ForTerminal($"Verify: edgecoder verify receipt {places[0]} --trust KEY, with the coordinator's key (vkey of its /identity) from somebody whom you believe."));
                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    // out.json, out-2.json, out-3.json.
    private static string Numbered(string path, int number) => number == 1 ? path
        : Path.Combine(Path.GetDirectoryName(path) ?? "", string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(path)}-{number}{Path.GetExtension(path)}"));

    private static string Line(string place, JsonNode receipt)
    {
        var body = JsonNode.Parse(Convert.FromBase64String((string)receipt["leaf"]!))!["body"]!;
        var payload = body["payloadJson"]!;
        return string.Create(CultureInfo.InvariantCulture, $"{place}: {payload["verdict"]}, sub-task {body["subtaskId"]}, by {payload["agentId"]}, {(long)payload["priceMc"]! / 1000m:0.000} credits, record {body["sequence"]} of {body["coordinatorId"]}");
    }
}
