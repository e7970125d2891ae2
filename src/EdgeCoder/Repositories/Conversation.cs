using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Commands;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.Reviews;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Repositories;

/// <summary>Lines of a person, or of a pipe, one after the other: requests and commands with a slash.</summary>
internal sealed class Conversation(Surroundings surroundings, RepositoryOrder order)
{
    /// <summary>The commands, each with its meaning.</summary>
    internal static IReadOnlyList<(string Name, string Meaning)> Commands { get; } =
    [
        ("/diff", "the change so far"),
        ("/test", "run the project's tests on it"),
        ("/apply", "merge it into your files"),
        ("/review", "apply, reject or edit, file by file and part by part"),
        ("/reject", "put it aside"),
        ("/undo", "take back what was applied last, else the last step"),
        ("/redo", "undo the undo"),
        ("/mode", "show what needs no question, or change it: /mode read-only"),
        ("/help", "this list"),
        ("/quit", "end; the session is kept"),
    ];

    private readonly IAnsiConsole _console = surroundings.Console;

    private bool _stopped;

    /// <summary>Reads until <c>/quit</c> or the end of the input. Gives the exit code of the last request, or of a command after it that failed.</summary>
    public async Task<ExitCode> RunAsync(Interrupts interrupts)
    {
        var cancellationToken = interrupts.Conversation;
        await using var opened = await OpenedSession.OpenAsync(surroundings, order, cancellationToken);
        Greet(opened);
        var code = ExitCode.Success;
        try
        {
            while (await NextAsync(cancellationToken) is { } line)
            {
                if (line is "/quit" or "/exit")
                {
                    break;
                }

                code = line.StartsWith('/') ? await CommandAsync(opened, line, cancellationToken) : await interrupts.DoAsync(token => PromptAsync(opened, line, token));
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            code = ExitCode.Cancelled;
        }

        if (opened.Session is { } session)
        {
            Tell(code == ExitCode.Cancelled ? "\nStopped. The work is kept and what you did not apply has not touched your files." : "");
            Tell($"Go on: edgecoder chat --resume {session.Id}");
        }

        return code;
    }

    private void Greet(OpenedSession opened)
    {
        Tell($"EdgeCoder in {order.Task.Root} ({ModeName.Of(opened.Mode)}, {order.Task.DataClass}). /help lists the commands.");
        if (opened.Note is { } note)
        {
            Tell(note);
        }
    }

    // The whole next line that says something; a line that ends with a backslash goes on.
    private async Task<string?> NextAsync(CancellationToken cancellationToken)
    {
        var text = "";
        while (true)
        {
            if (surroundings.Person.IsThere && !order.Json)
            {
                _console.Markup(text.Length == 0 ? "[bold]›[/] " : "[dim]…[/] ");
            }

            if (await surroundings.Person.ReadLineAsync(cancellationToken) is not { } line)
            {
                return text.Trim().Length > 0 ? text.Trim() : null;
            }

            if (line.EndsWith('\\'))
            {
                text += line[..^1] + "\n";
            }
            else if ((text + line).Trim() is { Length: > 0 } whole)
            {
                return whole;
            }
        }
    }

    private async Task<ExitCode> PromptAsync(OpenedSession opened, string text, CancellationToken cancellationToken)
    {
        // What the person stopped a moment ago is not gone on with: the next request says what is wanted now.
        if (opened.Session is { HasOpenPrompt: true } && !_stopped)
        {
            Tell("First the request that was cut off.");
            await opened.PromptAsync(null, cancellationToken);
        }

        var execution = await opened.PromptAsync(text, cancellationToken);
        _stopped = execution.Outcome == SessionOutcome.Cancelled;
        if (_stopped)
        {
            Tell("Stopped. Finished steps are kept; say what to do next, or /quit.");
        }

        if (execution.Outcome != SessionOutcome.Cancelled && (await opened.Session!.Review.ChangesAsync(cancellationToken)).Count > 0)
        {
            Tell("/apply takes the change, /review goes through it, /undo takes the last step back.");
        }

        return RunCommand.Code(execution);
    }

    private async Task<ExitCode> CommandAsync(OpenedSession opened, string line, CancellationToken cancellationToken)
    {
        var words = line.Split(' ', 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        switch (words)
        {
            case ["/help"]:
                Help();
                return ExitCode.Success;
            case ["/mode", ..]:
                return Mode(opened, words.Length > 1 ? words[1] : null);
        }

        if (Commands.All(known => known.Name != words[0]))
        {
            return Fault("unknown_command", $"{words[0]} is no command.", "/help lists them. A request does not begin with a slash.");
        }

        return opened.Session is { } session
            ? await ReviewAsync(opened, session, words[0], cancellationToken)
            : Fault("nothing_yet", "Nothing was asked for yet, so there is no change.", null);
    }

    private async Task<ExitCode> ReviewAsync(OpenedSession opened, IRepositorySession session, string command, CancellationToken cancellationToken)
    {
        try
        {
            return command switch
            {
                "/diff" => await DiffAsync(opened, session, cancellationToken),
                "/test" => await TestAsync(opened, session, cancellationToken),
                "/review" when surroundings.Person.IsThere => await AskAsync(session, cancellationToken),
                "/review" => Fault("nobody_there", "Nobody can be asked here.", "Use /apply or /reject, or edgecoder apply --file and --patch."),
                "/apply" => Outcome(opened, session, "apply", await session.Review.ApplyAsync(cancellationToken)),
                "/undo" => Outcome(opened, session, "undo", await session.Review.UndoAsync(cancellationToken)),
                "/redo" => Outcome(opened, session, "redo", await session.Review.RedoAsync(cancellationToken)),
                "/reject" => await RejectAsync(opened, session, cancellationToken),
                _ => throw new ArgumentOutOfRangeException(nameof(command), command, null),
            };
        }
        catch (RepositoryException fault)
        {
            return Fault(fault.Code, fault.Message, fault.Hint);
        }
    }

    private async Task<ExitCode> DiffAsync(OpenedSession opened, IRepositorySession session, CancellationToken cancellationToken)
    {
        var changes = await session.Review.ChangesAsync(cancellationToken);
        if (order.Json)
        {
            foreach (var change in changes)
            {
                opened.Show(ReviewEvents.Diff(session.Id, change, surroundings.Time));
            }
        }
        else if (changes.Count == 0)
        {
            Tell("No change.");
        }
        else
        {
            DiffView.Show(_console, [.. changes.Select(ChangedFile.Of)], $"All of it: edgecoder diff {session.Id}");
        }

        return ExitCode.Success;
    }

    private async Task<ExitCode> TestAsync(OpenedSession opened, IRepositorySession session, CancellationToken cancellationToken)
    {
        if (await session.Review.TestAsync(cancellationToken) is not { } report)
        {
            return Fault("no_test_command", "The project has no test command.", "Name one: --test-command \"…\"");
        }

        opened.Show(new TestReportEvent { SessionId = session.Id, AtMs = surroundings.Time.GetUtcNow().ToUnixTimeMilliseconds(), Iteration = 0, Report = report });
        return report.IsPass ? ExitCode.Success : ExitCode.Failed;
    }

    private async Task<ExitCode> AskAsync(IRepositorySession session, CancellationToken cancellationToken)
    {
        var changes = await session.Review.ChangesAsync(cancellationToken);
        DiffView.Show(_console, [.. changes.Select(ChangedFile.Of)], $"All of it: edgecoder diff {session.Id}");
        var end = await new ReviewConversation(session, surroundings.Person, _console, new TextEditor(surroundings.Environment).EditAsync).AskAsync(tested: true, cancellationToken);
        return end == ReviewEnd.Conflict ? ExitCode.Failed : ExitCode.Success;
    }

    private async Task<ExitCode> RejectAsync(OpenedSession opened, IRepositorySession session, CancellationToken cancellationToken)
    {
        await session.Review.SelectAsync([], cancellationToken);
        return Outcome(opened, session, "reject", new(true, [], "The change is put aside. /undo brings it back."));
    }

    private ExitCode Outcome(OpenedSession opened, IRepositorySession session, string action, ApplyOutcome outcome)
    {
        if (order.Json)
        {
            opened.Show(ReviewEvents.Of(action, session.Id, outcome, surroundings.Time));
        }
        else
        {
            OutcomeView.Show(_console, outcome);
        }

        return outcome.Applied ? ExitCode.Success : ExitCode.Failed;
    }

    private ExitCode Mode(OpenedSession opened, string? name)
    {
        if (name is not null)
        {
            if (ModeName.Find(name) is not { } mode)
            {
                return Fault("invalid_option", $"{name} is no mode.", string.Join(", ", ModeName.All.Select(known => known.Name)));
            }

            opened.Mode = mode;
        }

        var shown = opened.Mode;
        Tell($"{ModeName.Of(shown)}: {ModeName.All.First(known => known.Mode == shown).Meaning}");
        return ExitCode.Success;
    }

    private void Help()
    {
        foreach (var (name, meaning) in Commands)
        {
            Tell($"  {name,-8} {meaning}");
        }
    }

    private ExitCode Fault(string code, string message, string? hint)
    {
        Guard.Report(surroundings, order.Json, code, message, hint);
        return ExitCode.Failed;
    }

    private void Tell(string text)
    {
        if (!order.Json)
        {
            surroundings.Tell(text);
        }
    }
}
