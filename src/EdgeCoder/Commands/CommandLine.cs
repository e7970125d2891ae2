using System.CommandLine;

namespace EdgeCoder.Commands;

/// <summary>Every command, and how a wrong one is answered.</summary>
internal static class CommandLine
{
    /// <summary>The tree of commands.</summary>
    public static RootCommand Build(Surroundings surroundings)
    {
        var json = new Option<bool>("--json") { Description = "Write JSON for programs instead of text for people; see docs/events.md.", Recursive = true };
        var root = new RootCommand("EdgeCoder turns a request into tested code, on this machine.")
        {
            json,
            RunCommand.Build(surroundings, json),
            ChatCommand.Build(surroundings, json),
            ExecCommand.Build(surroundings, json),
            SessionsCommand.Build(surroundings, json),
            ModelsCommand.Build(surroundings, json),
            DoctorCommand.Build(surroundings, json),
            EvalCommand.Build(surroundings, json),
            TrustCommand.Build(surroundings, json),
            McpCommand.Build(surroundings, json),
            ServeCommand.Build(surroundings, json),
            UpCommand.Build(surroundings, json),
            SubmitCommand.Build(surroundings, json),
            NodeCommand.Build(surroundings, json),
            AccountCommand.Build(surroundings, json),
            AdminCommand.Build(surroundings, json),
            CreditsCommand.Build(surroundings, json),
            KeysCommand.Build(surroundings, json),
            WorkerCommand.Build(surroundings, json),
            EscalationsCommand.Build(surroundings, json),
            ReceiptCommand.Build(surroundings, json),
            VerifyCommand.Build(surroundings, json),
            VerifyCommand.BuildLedger(surroundings, json),
            UpdateCommand.Build(surroundings, json),
        };
        foreach (var command in ReviewCommands.Build(surroundings, json).Concat(TaskCommands.Build(surroundings, json)))
        {
            root.Subcommands.Add(command);
        }

        return root;
    }

    /// <summary>Parses, runs, and gives the process's exit code.</summary>
    public static async Task<int> RunAsync(string[] arguments, Surroundings surroundings, CancellationToken cancellationToken = default)
    {
        // Started without a word, the program says what it can do.
        var parsed = Build(surroundings).Parse(arguments.Length == 0 ? ["--help"] : arguments);
        if (parsed.Errors.Count > 0)
        {
            Guard.Report(surroundings, arguments.Contains("--json"), "usage", string.Join(Environment.NewLine, parsed.Errors.Select(error => error.Message)), $"See: edgecoder {Path(parsed)}--help");
            return (int)ExitCode.Usage;
        }

        TimeSpan stop;
        try
        {
            stop = StopTime.Of(surroundings.Environment);
        }
        catch (UsageException fault)
        {
            Guard.Report(surroundings, arguments.Contains("--json"), fault.Code, fault.Message, fault.Hint);
            return (int)ExitCode.Usage;
        }

        TimeSpan? grace = parsed.CommandResult.Command.Name == ChatCommand.Name || parsed.CommandResult.Command.Parents.Any(parent => parent.Name == WorkerCommand.Name) ? null : stop;
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = grace, Output = surroundings.Output, Error = surroundings.Error, EnableDefaultExceptionHandler = false }, cancellationToken);
    }

    private static string Path(ParseResult parsed)
    {
        var names = new List<string>();
        for (var at = parsed.CommandResult; at is not null; at = at.Parent as System.CommandLine.Parsing.CommandResult)
        {
            if (at.Command is not RootCommand)
            {
                names.Insert(0, at.Command.Name);
            }
        }

        return names.Count == 0 ? "" : string.Join(' ', names) + " ";
    }
}
