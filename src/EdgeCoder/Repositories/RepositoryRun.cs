using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Commands;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.Reviews;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Repositories;

/// <summary><c>edgecoder run</c> in a repository: one prompt, then the person's word on the change.</summary>
internal static class RepositoryRun
{
    /// <summary>Runs it. Gives the exit code of the session, or of applying its change when that was tried.</summary>
    public static async Task<ExitCode> RunAsync(Surroundings surroundings, RepositoryOrder order, string? request, CancellationToken cancellationToken)
    {
        if (request is null && order.Resume is null)
        {
            throw new UsageException("request_missing", "Say what should change.", "For instance: edgecoder run \"make parse_date accept ISO week dates\"");
        }

        await using var opened = await OpenedSession.OpenAsync(surroundings, order, cancellationToken);
        if (request is null && opened.Session is { HasOpenPrompt: false } finished)
        {
            // Nothing was cut off: what is left is the person's word on the change.
            var last = finished.StoredEvents.OfType<DoneEvent>().LastOrDefault();
            return await ReviewAsync(surroundings, order, opened, last?.Execution, cancellationToken);
        }

        var execution = await opened.PromptAsync(request, cancellationToken);
        if (opened.Note is { } note && !order.Json)
        {
            surroundings.Tell(note);
        }

        if (execution.Outcome == SessionOutcome.Cancelled)
        {
            TellHowToGoOn(surroundings, order, opened.Session!);
            return ExitCode.Cancelled;
        }

        return await ReviewAsync(surroundings, order, opened, execution, cancellationToken);
    }

    private static async Task<ExitCode> ReviewAsync(Surroundings surroundings, RepositoryOrder order, OpenedSession opened, AgentExecution? execution, CancellationToken cancellationToken)
    {
        var session = opened.Session!;
        var code = execution is null ? ExitCode.Failed : RunCommand.Code(execution);
        var succeeded = execution?.Outcome == SessionOutcome.Succeeded;
        if ((await session.Review.ChangesAsync(cancellationToken)).Count == 0)
        {
            return code;
        }

        if (order.Apply && succeeded)
        {
            var outcome = await session.Review.ApplyAsync(cancellationToken);
            opened.Show(ReviewEvents.Of("apply", session.Id, outcome, surroundings.Time));
            return outcome.Applied ? code : ExitCode.Failed;
        }

        if (order.Json || !surroundings.Person.IsThere)
        {
            Tell(surroundings, order, $"The change waits and your files are untouched.\nSee it:    edgecoder diff {session.Id}\nTake it:   edgecoder apply {session.Id}\nForget it: edgecoder reject {session.Id}");
            return code;
        }

        try
        {
            var conversation = new ReviewConversation(session, surroundings.Person, surroundings.Console, new TextEditor(surroundings.Environment).EditAsync);
            return await conversation.AskAsync(succeeded, cancellationToken) switch
            {
                ReviewEnd.Conflict => ExitCode.Failed,
                ReviewEnd.Later => Later(surroundings, order, session, code),
                _ => code,
            };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            surroundings.Console.WriteLine();
            TellHowToGoOn(surroundings, order, session);
            return ExitCode.Cancelled;
        }
    }

    private static ExitCode Later(Surroundings surroundings, RepositoryOrder order, IRepositorySession session, ExitCode code)
    {
        Tell(surroundings, order, $"The change is kept. Take it: edgecoder apply {session.Id}");
        return code;
    }

    private static void TellHowToGoOn(Surroundings surroundings, RepositoryOrder order, IRepositorySession session)
    {
        Tell(surroundings, order, "Stopped. The work is kept and your files are untouched.");
        Tell(surroundings, order, $"Go on:  edgecoder run --resume {session.Id}");
        Tell(surroundings, order, $"See it: edgecoder diff {session.Id}");
    }

    private static void Tell(Surroundings surroundings, RepositoryOrder order, string text)
    {
        if (!order.Json)
        {
            surroundings.Tell(text);
        }
    }
}
