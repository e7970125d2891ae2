using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCoder.Coordination;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder ledger rotate-key</c>: changes the coordinator's signing key now (docs/keys.md). For operators.</summary>
internal static class LedgerKeyCommand
{
    /// <summary>The command.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json)
    {
        var reason = new Option<string>("--reason") { Description = "Why, 3 to 200 characters; it stays out of the log.", Required = true };
        var command = new Command("rotate-key", "Change the coordinator's signing key now, by a statement of the old and the new key. Workers, peers and verifiers follow it.") { reason };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                using var api = CoordinatorApi.Open(surroundings);
                var text = await api.OperateAsync("admin/keys/rotate", new JsonObject { ["reason"] = arguments.GetValue(reason) }.ToJsonString(), cancellation);
                if (arguments.GetValue(json))
                {
                    await surroundings.Output.WriteLineAsync(text);
                    return ExitCode.Success;
                }

                var answer = JsonNode.Parse(text)!;
                var until = DateTimeOffset.FromUnixTimeMilliseconds((long?)answer["overlapUntilMs"] ?? 0).ToLocalTime();
                surroundings.Console.WriteLine($"The key {SafeText.ForTerminal((string?)answer["oldKeyId"] ?? "")} was changed to {SafeText.ForTerminal((string?)answer["newKeyId"] ?? "")}.");
                surroundings.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Both sign checkpoints until {until:yyyy-MM-dd HH:mm}. Back up the folder keys now. For lists of trusted keys, if you want the new one there:"));
                surroundings.Console.WriteLine(SafeText.ForTerminal((string?)answer["vkey"] ?? ""));
                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }
}
