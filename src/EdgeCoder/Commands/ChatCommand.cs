using System.CommandLine;
using EdgeCoder.Repositories;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder chat</c>: the agent of <c>run</c> in conversation, one worktree for all of it.</summary>
internal static class ChatCommand
{
    /// <summary>Its name; what Ctrl-C does in it is its own matter.</summary>
    public const string Name = "chat";

    /// <summary>The command with its options.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json)
    {
        var shared = new SharedOptions();
        var work = new RepositoryOptions();
        var command = new Command(Name, "Work on the project around the current directory in conversation. Each line is a request; /help lists the commands.");
        foreach (var option in work.Own.Concat(shared.All))
        {
            command.Options.Add(option);
        }

        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                using var interrupts = new Interrupts(listens: true, cancellation);
                return await new Conversation(surroundings, work.Read(arguments, surroundings, shared, json)).RunAsync(interrupts);
            },
            cancellationToken));
        return command;
    }
}
