using System.CommandLine;
using EdgeCoder.Acp;
using EdgeCoder.IdeProvider.Mcp;
using EdgeCoder.Mcp;
using EdgeCoder.Repositories;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder serve --acp</c>, <c>--mcp</c>: the agent of <c>run</c> for an editor, or its tools for another agent, over standard input and output.</summary>
internal static class ServeCommand
{
    /// <summary>The command with its options.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json)
    {
        var acp = new Option<bool>("--acp") { Description = "Speak the Agent Client Protocol on standard input and output (docs/acp.md)." };
        var mcp = new Option<bool>("--mcp") { Description = "Speak the Model Context Protocol on standard input and output (docs/mcp.md)." };
        var shared = new SharedOptions();
        var work = new RepositoryOptions();
        var command = new Command("serve", "Serve an editor or an agent. Each session of it names its own directory.") { acp, mcp };
        foreach (var option in work.ForServing.Concat(shared.ForServing))
        {
            command.Options.Add(option);
        }

        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                if (arguments.GetValue(acp) == arguments.GetValue(mcp))
                {
                    throw new UsageException("protocol_missing", "Say which protocol to serve, one of them.", "For an editor: edgecoder serve --acp. For an agent that calls tools: edgecoder serve --mcp");
                }

                var order = work.Read(arguments, surroundings, shared, json);
                if (arguments.GetValue(mcp))
                {
                    await ServeToolsAsync(surroundings, order, cancellation);
                    return ExitCode.Success;
                }

                await using var parts = surroundings.Repositories(surroundings);
                using var connection = new RpcConnection(surroundings.Input(), surroundings.RawOutput());
                await using var server = new AcpServer(parts, order, connection, surroundings.Time);
                await connection.RunAsync(server, cancellation);
                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }

    private static async Task ServeToolsAsync(Surroundings surroundings, RepositoryOrder order, CancellationToken cancellationToken)
    {
        if (order.Task.DataClass != "local")
        {
            throw new UsageException("invalid_option", "What the tools run here is of class local.", "Leave out --data-class; submit_task sends work elsewhere.");
        }

        await using var local = RepositoryComposition.LocalWork(surroundings);
        var parts = new McpComposition(surroundings, local, order);
        await using var input = surroundings.Input();
        await using var output = surroundings.RawOutput();
        await new McpService(parts.Parts).RunAsync(input, output, cancellationToken);
    }
}
