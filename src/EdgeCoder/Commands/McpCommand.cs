using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Agent.Mcp;
using EdgeCoder.Mcp;
using EdgeCoder.Repositories;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder mcp</c>: which MCP servers the agent may start for this project.</summary>
internal static class McpCommand
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json) => new("mcp", "MCP servers whose tools the agent may use (docs/mcp.md).")
    {
        List(surroundings, json),
        Approve(surroundings, json),
        Forget(surroundings, json),
    };

    private static Command List(Surroundings surroundings, Option<bool> json)
    {
        var command = new Command("list", "The servers that this project and your configuration list, and whether you approved them as they are listed now.");
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            _ =>
            {
                var place = Place.Of(surroundings);
                var servers = place.Entries.Select(entry => new ListedServer(entry.Name, entry.Source, entry.Line, place.Approvals.IsApproved(entry, place.Root))).ToList();
                if (arguments.GetValue(json))
                {
                    surroundings.Output.WriteLine(JsonSerializer.Serialize(servers, ProgramJson.Default.IReadOnlyListListedServer));
                    return Task.FromResult(ExitCode.Success);
                }

                if (servers.Count == 0)
                {
                    surroundings.Tell($"No MCP server is listed: neither in {Path.Combine(place.Root, ".edgecoder", "mcp.json")} nor in {Path.Combine(surroundings.Directories().Config, "mcp.json")}.");
                }

                foreach (var server in servers)
                {
                    surroundings.Tell($"{server.Name} ({server.Source}, {(server.Approved ? "approved" : "not approved")}): {server.Line}");
                }

                return Task.FromResult(ExitCode.Success);
            },
            cancellationToken));
        return command;
    }

    private static Command Approve(Surroundings surroundings, Option<bool> json)
    {
        var name = new Argument<string>("name") { Description = "The server's name in the list." };
        var command = new Command("approve", "Let the agent start this server, by exactly the line that is shown. A changed line, or changed tools, need it again.") { name };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            _ =>
            {
                var place = Place.Of(surroundings);
                var entry = place.Entries.FirstOrDefault(one => one.Name == arguments.GetValue(name))
                    ?? throw new UsageException("mcp_server_not_found", $"No MCP server {arguments.GetValue(name)} is listed here.", "See: edgecoder mcp list");
                place.Approvals.Approve(entry, place.Root);
                if (arguments.GetValue(json))
                {
                    surroundings.Output.WriteLine(JsonSerializer.Serialize(new(entry.Name, entry.Source, entry.Line, Approved: true), ProgramJson.Default.ListedServer));
                }
                else
                {
                    surroundings.Tell($"{entry.Name} is approved{(entry.Source == McpServerList.Yours ? "" : $" in {place.Root}")}: {entry.Line}");
                }

                return Task.FromResult(ExitCode.Success);
            },
            cancellationToken));
        return command;
    }

    private static Command Forget(Surroundings surroundings, Option<bool> json)
    {
        var name = new Argument<string>("name") { Description = "The server's name." };
        var command = new Command("forget", "Take the approval of a server back.") { name };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            _ =>
            {
                var place = Place.Of(surroundings);
                var known = place.Approvals.Forget(arguments.GetValue(name)!, place.Root);
                if (arguments.GetValue(json))
                {
                    surroundings.Output.WriteLine(new JsonObject { ["name"] = arguments.GetValue(name), ["forgotten"] = known }.ToJsonString());
                }
                else
                {
                    surroundings.Tell($"{arguments.GetValue(name)} {(known ? "is not approved any more." : "was not approved.")}");
                }

                return Task.FromResult(ExitCode.Success);
            },
            cancellationToken));
        return command;
    }

    // The project around the current directory, and what is listed for it; what is wrong in a list goes to standard error.
    private sealed record Place(string Root, IReadOnlyList<McpServerEntry> Entries, McpApprovals Approvals)
    {
        public static Place Of(Surroundings surroundings)
        {
            var directories = surroundings.Directories();
            var root = ProjectRoot.Real(ProjectRoot.Choose(null, surroundings.Directory));
            var entries = McpServerList.Read(directories.Config, root, [], fault => surroundings.Error.WriteLine(SafeText.ForTerminal(fault)));
            return new(root, entries, new(directories.Data, surroundings.Time));
        }
    }
}
