using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.Repositories;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder sessions</c>: what was done, again.</summary>
internal static class SessionsCommand
{
    /// <summary>The command with its subcommands; without one it lists.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json)
    {
        var command = new Command("sessions", "List, show, replay, resume and delete earlier sessions.")
        {
            List(surroundings, json),
            Show(surroundings, json, "show", "How a session went: its events, again."),
            Show(surroundings, json, "replay", "The same, with the text that the model wrote meanwhile."),
            Resume(surroundings, json),
            Delete(surroundings, json),
        };
        SetList(command, surroundings, json);
        return command;
    }

    private static Command List(Surroundings surroundings, Option<bool> json)
    {
        var command = new Command("list", "The sessions of this data directory, newest first.");
        SetList(command, surroundings, json);
        return command;
    }

    private static void SetList(Command command, Surroundings surroundings, Option<bool> json) => command.SetAction((arguments, cancellationToken) =>
        Guard.RunAsync(surroundings, arguments.GetValue(json), _ => Task.FromResult(ListNow(surroundings, arguments.GetValue(json))), cancellationToken));

    private static ExitCode ListNow(Surroundings surroundings, bool json)
    {
        var sessions = new SessionStore(surroundings.Directories().Data).List();
        if (json)
        {
            surroundings.Output.WriteLine(JsonSerializer.Serialize(sessions, ProgramJson.Default.IReadOnlyListSessionSummary));
            return ExitCode.Success;
        }

        if (sessions.Count == 0)
        {
            surroundings.Console.WriteLine("No session yet. Start one: edgecoder run \"write a function that merges two dictionaries\"");
            return ExitCode.Success;
        }

        var table = new Table().Border(TableBorder.None).AddColumns("Session", "Begun", "State", "Where", "Request");
        // What stands before the request takes 36, 16, up to 24 and up to 16 columns.
        var room = surroundings.Terminals.Output ? Math.Clamp(surroundings.Width() - 36 - 16 - sessions.Max(session => State(session).Length) - 16 - 5, 16, 60) : 60;
        foreach (var session in sessions)
        {
            var begun = DateTimeOffset.FromUnixTimeMilliseconds(session.AtMs).ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
            var request = SafeText.ForTerminal(session.Request).ReplaceLineEndings(" ");
            var where = TextColumns.Cut(session.Root is { } root ? SafeText.ForTerminal(Path.GetFileName(root)).ReplaceLineEndings(" ") : "snippet", 16);
            table.AddRow(new Text(session.SessionId), new Text(begun), new Text(State(session)), new Text(where), new Text(TextColumns.Cut(request, room)));
        }

        surroundings.Console.Write(table);
        return ExitCode.Success;
    }

    private static string State(SessionSummary session) => session switch
    {
        { Damaged: true } => "damaged",
        { Outcome: { } outcome, Resumable: false } => outcome.ToString().ToLowerInvariant(),
        { Outcome: { } outcome } => $"{outcome.ToString().ToLowerInvariant()}, can be resumed",
        _ => "open, can be resumed",
    };

    private static Command Show(Surroundings surroundings, Option<bool> json, string name, string description)
    {
        var id = new Argument<string>("session") { Description = "Its id, or the beginning of it." };
        var command = new Command(name, description) { id };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            _ => Task.FromResult(ShowNow(surroundings, arguments.GetValue(json), arguments.GetValue(id)!, text: name == "replay")),
            cancellationToken));
        return command;
    }

    private static ExitCode ShowNow(Surroundings surroundings, bool json, string named, bool text)
    {
        var store = new SessionStore(surroundings.Directories().Data);
        var session = Find(store, named);
        using var progress = surroundings.Progress(json: true);
        using var panel = surroundings.Panel(json: true);
        ISessionView view = json ? new JsonSessionView(surroundings.Output)
            : session.Root is null ? new TerminalSessionView(surroundings.Console, progress)
            : new RepositorySessionView(surroundings.Console, panel) { ShowsPrompts = true };
        var ended = false;
        foreach (var sessionEvent in store.EventsAfter(session.SessionId, 0).Where(one => text || json || one is not TextEvent))
        {
            view.Show(sessionEvent);
            ended = sessionEvent is DoneEvent || (ended && sessionEvent is not PromptEvent);
        }

        if (!ended && !json)
        {
            surroundings.Console.MarkupLineInterpolated($"[yellow]Not ended.[/] Go on with it: edgecoder run --resume {session.SessionId}");
        }

        return ExitCode.Success;
    }

    private static SessionSummary Find(SessionStore store, string named) => store.List().Where(session => session.SessionId.StartsWith(named, StringComparison.OrdinalIgnoreCase)).ToList() switch
    {
        [{ } one] => one,
        [] => throw new SessionStoreException("session_not_found", $"There is no session {named}.", "List them: edgecoder sessions list"),
        var several => throw new UsageException("session_ambiguous", $"{several.Count} sessions begin with {named}.", "Write more of the id."),
    };

    private static Command Resume(Surroundings surroundings, Option<bool> json)
    {
        var id = new Argument<string>("session") { Description = "Its id." };
        var command = new Command("resume", "Go on with a session: the same as edgecoder run --resume.") { id };
        command.SetAction((arguments, cancellationToken) =>
            CommandLine.Build(surroundings).Parse(["run", "--resume", arguments.GetValue(id)!, .. arguments.GetValue(json) ? new[] { "--json" } : []]).InvokeAsync(
                new InvocationConfiguration { ProcessTerminationTimeout = null, Output = surroundings.Output, Error = surroundings.Error, EnableDefaultExceptionHandler = false }, cancellationToken));
        return command;
    }

    private static Command Delete(Surroundings surroundings, Option<bool> json)
    {
        var id = new Argument<string>("session") { Description = "Its id." };
        var command = new Command("delete", "Delete a session and everything it kept. What was applied stays.") { id };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            async cancellation =>
            {
                var named = arguments.GetValue(id)!;
                var store = new SessionStore(surroundings.Directories().Data);
                if (store.List().FirstOrDefault(session => session.SessionId == named)?.Root is null)
                {
                    store.Delete(named);
                    return ExitCode.Success;
                }

                await using var work = surroundings.Repositories(surroundings);
                await work.Agent.DeleteAsync(named, cancellation);
                return ExitCode.Success;
            },
            cancellationToken));
        return command;
    }
}
