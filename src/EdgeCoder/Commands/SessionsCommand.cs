using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Protocol;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder sessions</c>: what was done, again.</summary>
internal static class SessionsCommand
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Build(Surroundings surroundings, Option<bool> json) =>
        new("sessions", "List, show and delete earlier sessions.") { List(surroundings, json), Show(surroundings, json), Delete(surroundings, json) };

    private static Command List(Surroundings surroundings, Option<bool> json)
    {
        var command = new Command("list", "The sessions of this data directory, newest first.");
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(surroundings, arguments.GetValue(json), _ => Task.FromResult(ListNow(surroundings, arguments.GetValue(json))), cancellationToken));
        return command;
    }

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

        var table = new Table().Border(TableBorder.None).AddColumns("Session", "Begun", "State", "Request");
        foreach (var session in sessions)
        {
            var begun = DateTimeOffset.FromUnixTimeMilliseconds(session.AtMs).ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
            var request = SafeText.ForTerminal(session.Request).ReplaceLineEndings(" ");
            table.AddRow(new Text(session.SessionId), new Text(begun), new Text(State(session)), new Text(request.Length > 60 ? request[..59] + "…" : request));
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

    private static Command Show(Surroundings surroundings, Option<bool> json)
    {
        var id = new Argument<string>("session") { Description = "Its id." };
        var command = new Command("show", "The events of a session, again.") { id };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            _ =>
            {
                using var progress = surroundings.Progress(json: true);
                ISessionView view = arguments.GetValue(json) ? new JsonSessionView(surroundings.Output) : new TerminalSessionView(surroundings.Console, progress);
                var ended = false;
                foreach (var sessionEvent in new SessionStore(surroundings.Directories().Data).EventsAfter(arguments.GetValue(id)!, 0))
                {
                    view.Show(sessionEvent);
                    ended |= sessionEvent is DoneEvent;
                }

                if (!ended && !arguments.GetValue(json))
                {
                    surroundings.Console.MarkupLineInterpolated($"[yellow]Not ended.[/] Go on with it: edgecoder run --resume {arguments.GetValue(id)}");
                }

                return Task.FromResult(ExitCode.Success);
            },
            cancellationToken));
        return command;
    }

    private static Command Delete(Surroundings surroundings, Option<bool> json)
    {
        var id = new Argument<string>("session") { Description = "Its id." };
        var command = new Command("delete", "Delete a session and everything it kept.") { id };
        command.SetAction((arguments, cancellationToken) => Guard.RunAsync(
            surroundings,
            arguments.GetValue(json),
            _ =>
            {
                new SessionStore(surroundings.Directories().Data).Delete(arguments.GetValue(id)!);
                return Task.FromResult(ExitCode.Success);
            },
            cancellationToken));
        return command;
    }
}
