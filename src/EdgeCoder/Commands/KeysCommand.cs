using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder keys</c>: personal API keys of the endpoint for editors (docs/endpoint.md). They count at once, also in an endpoint that runs.</summary>
internal static class KeysCommand
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json) =>
        new("keys", "Make, list and end API keys of the endpoint for editors (port 4304).") { Create(surroundings, json), List(surroundings, json), Revoke(surroundings, json) };

    private static IdeKeys Open(Surroundings surroundings) => IdeKeys.Open(surroundings.Directories().IdeKeys(), surroundings.Environment("AGENT_ACCOUNT_ID") ?? "local", surroundings.Time);

    private static Command Create(Surroundings surroundings, Option<bool> json)
    {
        var name = new Argument<string>("name") { Description = "What the key is for." };
        var dataClass = new Option<string>("--class") { Description = "The widest class of its requests: local (default), team or mesh.", DefaultValueFactory = _ => "local" };
        dataClass.AcceptOnlyFromAmong("local", "team", "mesh");
        var models = new Option<string[]>("--model") { Description = "A model that it may use; may be given again. Default: every model." };
        var rate = new Option<int?>("--per-minute") { Description = "Most requests in a minute." };
        var tokens = new Option<long?>("--tokens-per-day") { Description = "Most tokens in a day (UTC)." };
        var days = new Option<int?>("--days") { Description = "Days until it ends. Default: it does not end." };
        var command = new Command("create", "Make a key; it is shown once.") { name, dataClass, models, rate, tokens, days };
        command.Validators.Add(result =>
        {
            if (result.GetValue(rate) < 1 || result.GetValue(tokens) < 1 || result.GetValue(days) < 1)
            {
                result.AddError("--per-minute, --tokens-per-day and --days must be at least 1.");
            }
        });
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            _ =>
            {
                var life = arguments.GetValue(days) is { } lasts ? TimeSpan.FromDays(lasts) : (TimeSpan?)null;
                var chosen = arguments.GetValue(models) is { Length: > 0 } some ? some : null;
                var key = Open(surroundings).Create(
                    arguments.GetValue(name)!, surroundings.Environment("AGENT_ACCOUNT_ID") ?? "local", arguments.GetValue(dataClass)!, chosen, arguments.GetValue(rate), arguments.GetValue(tokens), life);
                surroundings.Output.WriteLine(arguments.GetValue(json) ? new JsonObject { ["key"] = key }.ToJsonString() : key);
                return Task.FromResult(ExitCode.Success);
            },
            cancellationToken));
        return command;
    }

    private static Command List(Surroundings surroundings, Option<bool> json)
    {
        var command = new Command("list", "Show the keys by id; never the keys themselves.");
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            _ =>
            {
                foreach (var (id, name, owner, dataClass, expiresAtMs) in Open(surroundings).List())
                {
                    var ends = expiresAtMs is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "never";
                    if (arguments.GetValue(json))
                    {
                        surroundings.Output.WriteLine(new JsonObject { ["id"] = id, ["name"] = name, ["owner"] = owner, ["maxDataClass"] = dataClass, ["expiresAtMs"] = expiresAtMs }.ToJsonString());
                    }
                    else
                    {
                        surroundings.Console.WriteLine($"{id}  {dataClass,-5}  ends {ends,-10}  {SafeText.ForTerminal(name)}");
                    }
                }

                return Task.FromResult(ExitCode.Success);
            },
            cancellationToken));
        return command;
    }

    private static Command Revoke(Surroundings surroundings, Option<bool> json)
    {
        var id = new Argument<string>("id") { Description = "Id of the key, from keys list." };
        var command = new Command("revoke", "End a key; its next request is refused.") { id };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            _ => Open(surroundings).Revoke(arguments.GetValue(id)!)
                ? Task.FromResult(ExitCode.Success)
                : throw new UsageException("key_not_found", $"There is no key with the id {arguments.GetValue(id)}.", "See: edgecoder keys list"),
            cancellationToken));
        return command;
    }
}
