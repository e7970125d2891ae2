using System.CommandLine;
using EdgeCoder.Acp;
using EdgeCoder.Repositories;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder serve --acp</c>: the agent of <c>run</c> for an editor, over standard input and output.</summary>
internal static class ServeCommand
{
    /// <summary>The command with its options.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json)
    {
        var acp = new Option<bool>("--acp") { Description = "Speak the Agent Client Protocol on standard input and output (docs/acp.md)." };
        var shared = new SharedOptions();
        var work = new RepositoryOptions();
        var command = new Command("serve", "Serve an editor. Each session of it names its own directory.") { acp };
        foreach (var option in work.ForServing.Concat(shared.ForServing))
        {
            command.Options.Add(option);
        }

        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                if (!arguments.GetValue(acp))
                {
                    throw new UsageException("protocol_missing", "Say which protocol to serve.", "There is one so far: edgecoder serve --acp");
                }

                await using var parts = surroundings.Repositories(surroundings);
                using var connection = new RpcConnection(surroundings.Input(), surroundings.RawOutput());
                await using var server = new AcpServer(parts, work.Read(arguments, surroundings, shared, json), connection, surroundings.Time);
                await connection.RunAsync(server, cancellation);
                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }
}
