using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Coordination;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder account</c>: who may submit work to a coordinator. For operators, where no portal does it.</summary>
internal static class AccountCommand
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json) => new("account", "Open accounts and make API keys on a coordinator.") { Create(surroundings, json) };

    private static Command Create(Surroundings surroundings, Option<bool> json)
    {
        var id = new Argument<string>("account") { Description = "Its id, as acct-team: 3 to 128 letters, digits, dots, hyphens. An account that exists gets a further key." };
        var name = new Option<string?>("--key-name") { Description = "What the key is called in lists and audits. Default: first." };
        var credits = new Option<decimal?>("--credits") { Description = "First credits of the development faucet, at most 10000; the coordinator needs FAUCET_ENABLED=true." };
        var save = new Option<bool>("--save") { Description = "Keep the key for the commands of this machine (access.json) instead of showing it." };
        var command = new Command("create", "Open an account with an API key, which is shown once.") { id, name, credits, save };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                var access = Access.Read(surroundings);
                var data = surroundings.Directories().Data;
                if (arguments.GetValue(save))
                {
                    Access.ThrowIfForAnother(data, access.CoordinatorUrl);
                }

                using var api = new CoordinatorApi(access);
                var body = new JsonObject { ["accountId"] = arguments.GetValue(id) };
                if (arguments.GetValue(name) is { } keyName)
                {
                    body["apiKeyName"] = keyName;
                }

                if (arguments.GetValue(credits) is { } given)
                {
                    body["credits"] = given;
                }

                var text = await api.OperateAsync("admin/accounts", body.ToJsonString(), cancellation);
                var answer = JsonNode.Parse(text)!;
                var (account, key) = ((string?)answer["accountId"] ?? "", (string?)answer["apiKey"] ?? "");
                var saved = arguments.GetValue(save);
                if (saved)
                {
                    access.WithKey(data, account, key).Write(data);
                }

                await TellAsync(surroundings, arguments.GetValue(json), account, saved ? null : key, access.CoordinatorUrl);
                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    private static async Task TellAsync(Surroundings surroundings, bool json, string account, string? key, string url)
    {
        if (json)
        {
            var told = new JsonObject { ["accountId"] = account };
            if (key is not null)
            {
                told["apiKey"] = key;
            }

            await surroundings.Output.WriteLineAsync(told.ToJsonString(JsonSerializerOptions.Default));
            return;
        }

        surroundings.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Account {SafeText.ForTerminal(account)} is open."));
        if (key is null)
        {
            surroundings.Console.WriteLine("Its key is kept for the commands of this machine. Try: edgecoder status");
            return;
        }

        surroundings.Console.WriteLine("Its API key, shown this once:");
        surroundings.Console.WriteLine();
        surroundings.Console.WriteLine("  " + SafeText.ForTerminal(key));
        surroundings.Console.WriteLine();
        surroundings.Console.WriteLine($"Where it is used: export COORDINATOR_URL={SafeText.ForTerminal(url)} EDGECODER_API_KEY=<the key>");
    }
}
