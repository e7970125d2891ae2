using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCoder.Coordination;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder node behavior</c>: figures, findings, strikes and quarantine of a node (docs/security/behaviour.md).</summary>
internal static class NodeBehaviorCommand
{
    /// <summary>The command.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json)
    {
        var id = new Argument<string>("node") { Description = "Its id; see edgecoder node list." };
        var command = new Command("behavior", "What a node did in the last hour, and which rules applied.") { id };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                using var api = CoordinatorApi.Open(surroundings);
                var text = await api.GetTextAsync($"admin/agents/{Uri.EscapeDataString(arguments.GetValue(id)!)}/behavior", asOperator: true, cancellation);
                if (arguments.GetValue(json))
                {
                    await surroundings.Output.WriteLineAsync(text);
                    return ExitCode.Success;
                }

                Show(surroundings.Console, JsonNode.Parse(text)!);
                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    private static void Show(IAnsiConsole console, JsonNode answer)
    {
        var quarantine = answer["quarantine"] is { } standing ? $", quarantined until {When(standing["untilMs"])}" : "";
        console.WriteLine(SafeText.ForTerminal($"{answer["agentId"]}: {answer["strikeCount"]} strikes{quarantine}"));
        foreach (var (name, value) in answer["stats"]?.AsObject() ?? [])
        {
            console.WriteLine(SafeText.ForTerminal($"  {name,-24} {value}"));
        }

        foreach (var found in answer["anomalies"]?.AsArray() ?? [])
        {
            console.WriteLine(SafeText.ForTerminal($"  {When(found!["atMs"])}  {found["ruleId"]}, weight {found["weight"]}"));
        }
    }

    private static string When(JsonNode? atMs) => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp((long?)atMs ?? 0, 0, 253_402_300_799_999)).ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
