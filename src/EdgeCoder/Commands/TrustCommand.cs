using System.CommandLine;
using EdgeCoder.Repositories;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder trust</c>: which directories EdgeCoder may work in.</summary>
internal static class TrustCommand
{
    /// <summary>The command with its options.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json)
    {
        var directory = new Argument<string?>("directory") { Description = "The project's root. Default: the git work tree around the current directory.", Arity = ArgumentArity.ZeroOrOne };
        var remove = new Option<bool>("--remove") { Description = "Trust it no longer." };
        var command = new Command("trust", "Let EdgeCoder work in a directory from now on: its files are read, its tests run in the sandbox.") { directory, remove };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async _ =>
            {
                await using var work = surroundings.Repositories(surroundings);
                var root = ProjectRoot.Choose(arguments.GetValue(directory), surroundings.Directory);
                var known = true;
                if (arguments.GetValue(remove))
                {
                    known = work.Trust.Remove(root);
                }
                else
                {
                    work.Trust.Add(root);
                }

                if (!arguments.GetValue(json))
                {
                    surroundings.Console.MarkupLineInterpolated($"{SafeText.ForTerminal(root)} {(arguments.GetValue(remove) ? known ? "is not trusted any more." : "was not trusted." : "is trusted.")}");
                }

                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }
}
