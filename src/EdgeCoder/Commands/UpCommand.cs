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
        var role = new Option<string?>("--role") { Description = "all-in-one (default, also EDGE_RUNTIME_MODE), coordinator, inference, ide-provider, portal or anchor-proxy." };
        var command = new Command("up", "Start the coordinator, the inference service, the portal and a worker on this machine (docs/coordinator.md). Ctrl-C ends them.") { role };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                var asJson = arguments.GetValue(json);
                await using var roles = await RunningRoles.StartAsync(surroundings, arguments.GetValue(role), line => Tell(surroundings, asJson, "note", line), cancellation);
                Show(surroundings, asJson, roles);
                if (roles.Unfinished is { } unfinished)
                {
                    roles.WhenFinished(() => Tell(surroundings, asJson, "finished", unfinished.Done));
                }

                await roles.UntilEndAsync(cancellation);
                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    // Ready says that the addresses answer; what is not ready yet is told with it, never left out.
    private static void Show(Surroundings surroundings, bool json, RunningRoles roles)
    {
        if (json)
        {
            var addresses = new JsonObject();
            foreach (var (name, url) in roles.Addresses)
            {
                addresses[name] = url;
            }

            var more = new JsonObject { ["roles"] = addresses };
            if (roles.Unfinished is { } waits)
            {
                more["notReady"] = new JsonObject { [waits.Name] = waits.Why };
            }

            if (roles.FirstAdministratorLink is { } setup)
            {
                more["firstAdministrator"] = setup.AbsoluteUri;
            }

            Tell(surroundings, json, "ready", "Ready.", more);
            return;
        }

        foreach (var (name, url) in roles.Addresses)
        {
            surroundings.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-12} {url}"));
        }

        surroundings.Console.WriteLine(roles.Coordinates
            ? "Ready. In another terminal: edgecoder submit \"write a function that merges two dictionaries\" --wait"
            : "Ready.");
        if (roles.Unfinished is { } unfinished)
        {
            surroundings.Console.WriteLine("Not yet: " + unfinished.Why);
        }

        foreach (var (_, endpoint) in roles.Addresses.Where(address => address.Name == "ide-provider"))
        {
            surroundings.Console.WriteLine($"Editors: base URL {endpoint}, model edgecoder-auto; the key for what runs tools is in {roles.IdeKeyFile}");
        }

        if (roles.FirstAdministratorLink is { } link)
        {
            surroundings.Console.WriteLine($"The portal has no administrator yet. Within 30 minutes, open once: {link.AbsoluteUri}");
        }

        surroundings.Console.WriteLine("Ctrl-C ends everything; work that is queued stays.");
    }

    private static void Tell(Surroundings surroundings, bool json, string type, string message, JsonObject? more = null)
    {
        if (!json)
        {
            surroundings.Error.WriteLine(SafeText.ForTerminal(message));
            return;
        }

        var line = new JsonObject { ["type"] = type, ["atMs"] = surroundings.Time.GetUtcNow().ToUnixTimeMilliseconds(), ["message"] = message };
        foreach (var (name, value) in more ?? [])
        {
            line[name] = value?.DeepClone();
        }

        lock (surroundings.Output)
        {
            surroundings.Output.WriteLine(line.ToJsonString(JsonSerializerOptions.Default));
            surroundings.Output.Flush();
        }
    }
}
