using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Coordination;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder node</c>: who may work for this coordinator. For operators.</summary>
internal static class NodeCommand
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json) => new("node", "Enrol, approve, suspend and list the nodes that work for a coordinator.")
    {
        Enroll(surroundings, json),
        List(surroundings, json),
        Approve(surroundings, json),
        Act(surroundings, json, "suspend", "Take its leases away and give it no more, until it is resumed.", "suspend", reason => new() { ["reason"] = reason ?? "by an operator" }, "is suspended."),
        Act(surroundings, json, "resume", "Let a suspended or draining node work again.", "resume", _ => [], "may work again."),
        Act(surroundings, json, "drain", "Let it finish what it has and give it no more.", "drain", _ => new() { ["draining"] = true }, "is draining."),
        Act(surroundings, json, "keep", "Keep its quarantine until it ends by itself; give a reason.", "keep", reason => new() { ["reason"] = reason }, "stays quarantined."),
        NodeBehaviorCommand.Build(surroundings, json),
    };

    private static Command Enroll(Surroundings surroundings, Option<bool> json)
    {
        var id = new Argument<string?>("node") { Description = "Its id, 3 to 128 letters, digits, dots, hyphens. Default: drawn.", Arity = ArgumentArity.ZeroOrOne };
        var owner = new Option<string?>("--owner") { Description = "Account that owns the node and is paid. Default: yours." };
        var command = new Command("enroll", "Make a one-use code for edgecoder worker join on another machine.") { id, owner };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                using var api = CoordinatorApi.Open(surroundings);
                var body = new JsonObject();
                if (arguments.GetValue(id) is { } name)
                {
                    body["nodeId"] = name;
                }

                if ((arguments.GetValue(owner) ?? api.AccountId) is { } account)
                {
                    body["ownerAccountId"] = account;
                }

                var text = await api.OperateAsync("admin/nodes/enroll", body.ToJsonString(), cancellation);
                if (arguments.GetValue(json))
                {
                    await surroundings.Output.WriteLineAsync(text);
                    return ExitCode.Success;
                }

                var answer = JsonNode.Parse(text)!;
                var expires = DateTimeOffset.FromUnixTimeMilliseconds((long?)answer["expiresAtMs"] ?? 0).ToLocalTime();
                surroundings.Console.WriteLine($"Node {SafeText.ForTerminal((string?)answer["nodeId"] ?? "")} is enrolled. On its machine, run:");
                surroundings.Console.WriteLine();
                surroundings.Console.WriteLine($"  edgecoder worker join {SafeText.ForTerminal((string?)answer["joinCode"] ?? "")}");
                surroundings.Console.WriteLine();
                surroundings.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The code works once, until {expires:yyyy-MM-dd HH:mm}. Then approve it here: edgecoder node approve {SafeText.ForTerminal((string?)answer["nodeId"] ?? "")}"));
                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    private static Command List(Surroundings surroundings, Option<bool> json)
    {
        var command = new Command("list", "The nodes and what they do.");
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                using var api = CoordinatorApi.Open(surroundings);
                var text = await api.GetTextAsync("admin/agents", asOperator: true, cancellation);
                if (arguments.GetValue(json))
                {
                    await surroundings.Output.WriteLineAsync(text);
                    return ExitCode.Success;
                }

                NodeTable.Show(surroundings, JsonNode.Parse(text)!["agents"]?.AsArray() ?? []);
                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    private static Command Approve(Surroundings surroundings, Option<bool> json)
    {
        var revoke = new Option<bool>("--revoke") { Description = "Withdraw the approval: its leases end at once." };
        var command = Act(surroundings, json, "approve", "Let an enrolled node work.", "approval", _ => new() { ["approved"] = true }, "is approved.");
        command.Options.Add(revoke);
        var id = (Argument<string>)command.Arguments[0];
        command.SetAction((arguments, cancellationToken) => RunAsync(
            surroundings, arguments.GetValue(json), arguments.GetValue(id)!, "approval", new() { ["approved"] = !arguments.GetValue(revoke) }, arguments.GetValue(revoke) ? "is not approved any more." : "is approved.", cancellationToken));
        return command;
    }

    private static Command Act(Surroundings surroundings, Option<bool> json, string name, string description, string route, Func<string?, JsonObject> body, string done)
    {
        var id = new Argument<string>("node") { Description = "Its id; see edgecoder node list." };
        var reason = new Option<string?>("--reason") { Description = "Why; shown to the node and kept." };
        var command = new Command(name, description) { id, reason };
        command.SetAction((arguments, cancellationToken) =>
            RunAsync(surroundings, arguments.GetValue(json), arguments.GetValue(id)!, route, body(arguments.GetValue(reason)), done, cancellationToken));
        return command;
    }

    private static Task<int> RunAsync(Surroundings surroundings, bool json, string node, string route, JsonObject body, string done, CancellationToken cancellationToken) => Guard.RunAsync(
        surroundings,
        json,
        async cancellation =>
        {
            using var api = CoordinatorApi.Open(surroundings);
            var text = await api.OperateAsync($"admin/agents/{Uri.EscapeDataString(node)}/{route}", body.ToJsonString(), cancellation);
            if (json)
            {
                await surroundings.Output.WriteLineAsync(text);
            }
            else
            {
                surroundings.Console.WriteLine($"Node {SafeText.ForTerminal(node)} {done}");
            }

            return ExitCode.Success;
        },
        cancellationToken);
}
