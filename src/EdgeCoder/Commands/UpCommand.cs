using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Roles;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder up</c>: every role on this machine, or one of them.</summary>
internal static class UpCommand
{
    /// <summary>The command with its options.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json)
    {
        var role = new Option<string?>("--role") { Description = "all-in-one (default, also EDGE_RUNTIME_MODE), coordinator, inference or ide-provider." };
        var command = new Command("up", "Start the coordinator, the inference service and a worker on this machine (docs/coordinator.md). Ctrl-C ends them.") { role };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                var asJson = arguments.GetValue(json);
                await using var roles = await RunningRoles.StartAsync(surroundings, arguments.GetValue(role), line => Tell(surroundings, asJson, "note", line, null), cancellation);
                Show(surroundings, asJson, roles);
                await roles.UntilEndAsync(cancellation);
                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    private static void Show(Surroundings surroundings, bool json, RunningRoles roles)
    {
        var addresses = new JsonObject();
        foreach (var (name, url) in roles.Addresses)
        {
            addresses[name] = url;
            if (!json)
            {
                surroundings.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-12} {url}"));
            }
        }

        if (!json)
        {
            surroundings.Console.WriteLine(roles.Coordinates
                ? "Ready. In another terminal: edgecoder submit \"write a function that merges two dictionaries\" --wait"
                : "Ready.");
            if (addresses["ide-provider"] is { } endpoint)
            {
                surroundings.Console.WriteLine($"Editors: base URL {endpoint}, model edgecoder-auto; the key for what runs tools is in {roles.IdeKeyFile}");
            }

            surroundings.Console.WriteLine("Ctrl-C ends everything; work that is queued stays.");
            return;
        }

        Tell(surroundings, json, "ready", "Ready.", addresses);
    }

    private static void Tell(Surroundings surroundings, bool json, string type, string message, JsonObject? roles)
    {
        if (!json)
        {
            surroundings.Error.WriteLine(SafeText.ForTerminal(message));
            return;
        }

        var line = new JsonObject { ["type"] = type, ["atMs"] = surroundings.Time.GetUtcNow().ToUnixTimeMilliseconds(), ["message"] = message };
        if (roles is not null)
        {
            line["roles"] = roles;
        }

        lock (surroundings.Output)
        {
            surroundings.Output.WriteLine(line.ToJsonString(JsonSerializerOptions.Default));
            surroundings.Output.Flush();
        }
    }
}
