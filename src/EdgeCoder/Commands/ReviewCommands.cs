using System.CommandLine;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Inputs;
using EdgeCoder.Repositories;
using EdgeCoder.Reviews;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Commands;

/// <summary><c>edgecoder diff, apply, reject, undo, redo</c>: the person's word on the change of a session, at any time and without a model.</summary>
internal static class ReviewCommands
{
    private const int MostPatchBytes = 16 << 20;

    /// <summary>The commands with their options.</summary>
    public static IEnumerable<Command> Build(Surroundings surroundings, Option<bool> json) =>
    [
        Diff(surroundings, json),
        Apply(surroundings, json),
        Simple(surroundings, json, "reject", "Put the change of a session aside; undo brings it back.", async (review, cancellation) =>
        {
            await review.SelectAsync([], cancellation);
            return new ApplyOutcome(true, [], "The change is put aside. Your files are as they were; edgecoder undo brings it back.");
        }),
        Simple(surroundings, json, "undo", "Take back what was applied last, or the last step of the session when nothing is applied.", (review, cancellation) => review.UndoAsync(cancellation)),
        Simple(surroundings, json, "redo", "Undo the undo.", (review, cancellation) => review.RedoAsync(cancellation)),
    ];

    private static Command Simple(Surroundings surroundings, Option<bool> json, string name, string description, Func<IReview, CancellationToken, Task<ApplyOutcome>> act)
    {
        var (id, root) = Which();
        var command = new Command(name, description) { id, root };
        command.SetAction((arguments, cancellationToken) => WithReviewAsync(surroundings, arguments.GetValue(json), arguments.GetValue(id), arguments.GetValue(root), approveTests: false, async (session, cancellation) =>
        {
            var outcome = await act(session.Review, cancellation);
            Show(surroundings, arguments.GetValue(json), name, session.Id, outcome);
            return outcome.Applied ? ExitCode.Success : ExitCode.Failed;
        }, cancellationToken));
        return command;
    }

    private static Command Diff(Surroundings surroundings, Option<bool> json)
    {
        var (id, root) = Which();
        var command = new Command("diff", "The change of a session against what it began from. In a pipe: a patch that git apply takes.") { id, root };
        command.SetAction((arguments, cancellationToken) => WithReviewAsync(surroundings, arguments.GetValue(json), arguments.GetValue(id), arguments.GetValue(root), approveTests: false, async (session, cancellation) =>
        {
            if (arguments.GetValue(json))
            {
                var view = new JsonSessionView(surroundings.Output);
                foreach (var change in await session.Review.ChangesAsync(cancellation))
                {
                    view.Show(ReviewEvents.Diff(session.Id, change, surroundings.Time));
                }
            }
            else if (surroundings.Terminals.Output)
            {
                var changes = await session.Review.ChangesAsync(cancellation);
                DiffView.Show(surroundings.Console, [.. changes.Select(ChangedFile.Of)], $"All of it: edgecoder diff {session.Id} | less");
                if (changes.Count == 0)
                {
                    surroundings.Console.WriteLine("No change.");
                }
            }
            else
            {
                surroundings.Output.Write(await session.Review.PatchAsync(cancellation));
                surroundings.Output.Flush();
            }

            return ExitCode.Success;
        }, cancellationToken));
        return command;
    }

    private static Command Apply(Surroundings surroundings, Option<bool> json)
    {
        var (id, root) = Which();
        var files = new Option<string[]>("--file") { Description = "Take only this file, or only parts of it: src/dates.py or src/dates.py:1,3 (numbers as diff shows them); several times." };
        var patch = new Option<string?>("--patch") { Description = "Take the change as this file has it: the output of diff, edited. What is your own is tested first." };
        var force = new Option<bool>("--force") { Description = "Apply although the tests of what was chosen fail, or there are none." };
        var tests = new Option<bool>("--approve-tests") { Description = "Agree beforehand that the project's test command runs (in the sandbox)." };
        var command = new Command("apply", "Merge the change of a session into your files, all or nothing.") { id, root, files, patch, force, tests };
        command.SetAction((arguments, cancellationToken) => WithReviewAsync(surroundings, arguments.GetValue(json), arguments.GetValue(id), arguments.GetValue(root), arguments.GetValue(tests), async (session, cancellation) =>
        {
            var (chosen, path) = (arguments.GetValue(files) ?? [], arguments.GetValue(patch));
            if (chosen.Length > 0 && path is not null)
            {
                throw new UsageException("mixed_options", "--file and --patch both say what to take.", "Use one of them.");
            }

            if (chosen.Length > 0 || path is not null)
            {
                var choice = await ChooseAsync(session.Review, chosen, path, surroundings.Time, cancellation);
                if (!await SelectAsync(surroundings, arguments.GetValue(json), session, choice, arguments.GetValue(force), cancellation))
                {
                    return ExitCode.Failed;
                }
            }

            var outcome = await session.Review.ApplyAsync(cancellation);
            Show(surroundings, arguments.GetValue(json), "apply", session.Id, outcome);
            return outcome.Applied ? ExitCode.Success : ExitCode.Failed;
        }, cancellationToken));
        return command;
    }

    private static async Task<Selection> ChooseAsync(IReview review, string[] files, string? patch, TimeProvider time, CancellationToken cancellationToken)
    {
        var changes = await review.ChangesAsync(cancellationToken);
        try
        {
            return patch is null
                ? FileChoice.Of(changes, files)
                : await Selection.OfPatchAsync(changes, await new BoundedText("patch", $"The patch {patch}", MostPatchBytes).ReadFileAsync(patch, time, cancellationToken), change => review.VersionsAsync(change, cancellationToken));
        }
        catch (FormatException fault)
        {
            throw new UsageException("invalid_patch", fault.Message, "edgecoder diff shows the change; take its output, edit it, and give it back.");
        }
    }

    // What was chosen is another change than the one that was tested (agent-executor-models 2.6).
    private static async Task<bool> SelectAsync(Surroundings surroundings, bool json, IReviewedSession session, Selection choice, bool force, CancellationToken cancellationToken)
    {
        if (choice.Whole)
        {
            return true;
        }

        if (choice.Kept.Count == 0)
        {
            throw new UsageException("nothing_chosen", "Nothing of the change would be left.", $"To put it aside: edgecoder reject {session.Id}");
        }

        await session.Review.SelectAsync(choice.Kept, cancellationToken);
        var report = await session.Review.TestAsync(cancellationToken);
        if (report is not null && json)
        {
            new JsonSessionView(surroundings.Output).Show(new Protocol.Sessions.TestReportEvent { SessionId = session.Id, AtMs = surroundings.Time.GetUtcNow().ToUnixTimeMilliseconds(), Iteration = 0, Report = report });
        }
        else if (report is not null)
        {
            TestReportView.Show(surroundings.Console, report, "");
        }

        if (report is { IsPass: true } || force)
        {
            return true;
        }

        Guard.Report(
            surroundings, json, report is null ? "not_tested" : "tests_failed",
            report is null ? "There is no test command, so what was chosen is not tested and nothing was applied." : "The tests of what was chosen do not pass, so nothing was applied.",
            $"Apply it all the same: edgecoder apply {session.Id} --force. Back to the whole change: edgecoder undo {session.Id}");
        return false;
    }

    private static (Argument<string?> Id, Option<string?> Root) Which() =>
        (new("session") { Description = "Its id, or the beginning of it. Default: the newest of this root.", Arity = ArgumentArity.ZeroOrOne },
        new("--root") { Description = "The project's directory. Default: the git work tree around the current directory." });

    private static Task<int> WithReviewAsync(
        Surroundings surroundings, bool json, string? id, string? root, bool approveTests, Func<IReviewedSession, CancellationToken, Task<ExitCode>> act, CancellationToken cancellationToken) => Guard.RunAsync(
        surroundings,
        json,
        async cancellation =>
        {
            await using var work = surroundings.Repositories(surroundings);
            var chosen = SessionChoice.Find(work.Sessions.List(), id, ProjectRoot.Real(ProjectRoot.Choose(root, surroundings.Directory)));
            using var panel = surroundings.Panel(json);
            using var asks = new TerminalApprover(surroundings.Person, surroundings.Console, panel, surroundings.Time);
            Agent.Approvals.IApprover approver = surroundings.Person.IsThere && !json ? asks : new UnattendedApprover();
            await using var session = await work.Agent.OpenAsync(chosen, approveTests ? new TestsAllowed(approver) : approver, cancellation);
            return await act(session, cancellation);
        },
        cancellationToken);

    private static void Show(Surroundings surroundings, bool json, string action, string session, ApplyOutcome outcome)
    {
        if (json)
        {
            new JsonSessionView(surroundings.Output).Show(ReviewEvents.Of(action, session, outcome, surroundings.Time));
            return;
        }

        OutcomeView.Show(surroundings.Console, outcome);
        if (action == "apply" && outcome.Applied)
        {
            surroundings.Console.MarkupLineInterpolated($"[dim]Take it back: edgecoder undo {session}[/]");
        }
    }
}
