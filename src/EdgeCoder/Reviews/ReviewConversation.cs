using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Commands;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.Terminal;
using Spectre.Console;

namespace EdgeCoder.Reviews;

/// <summary>
/// Asks a person what becomes of a change: apply, reject or edit, the whole of it or file by file and part by part (agent-executor-models 2.6). What is not the
/// tested change any more is tested again before it counts.
/// </summary>
internal sealed class ReviewConversation(IReviewedSession session, Person person, IAnsiConsole console, Func<string, CancellationToken, Task<string>> edit)
{
    private readonly IReview _review = session.Review;

    /// <summary>Asks until something is decided. The end of the input decides nothing: the change waits.</summary>
    /// <param name="tested">Whether the tests passed on the change as it is.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    public async Task<ReviewEnd> AskAsync(bool tested, CancellationToken cancellationToken)
    {
        person.DiscardTypedAhead();
        while (true)
        {
            var changes = await _review.ChangesAsync(cancellationToken);
            if (changes.Count == 0)
            {
                console.WriteLine("Nothing is left of the change.");
                return ReviewEnd.Rejected;
            }

            if (!tested)
            {
                console.MarkupLine("[yellow]It is not tested, or its tests fail.[/]");
            }

            console.MarkupLine("[bold]Apply this change to your files?[/]");
            switch (await ChooseAsync("[bold]a[/] apply  [bold]r[/] reject  [bold]e[/] edit  [bold]f[/] files  [bold]d[/] diff  [bold]l[/] later", cancellationToken))
            {
                case null or "l" or "later" or "q":
                    return ReviewEnd.Later;
                case "a" or "apply" or "y" or "yes":
                    return await ApplyAsync(cancellationToken);
                case "r" or "reject" or "n" or "no":
                    await _review.SelectAsync([], cancellationToken);
                    console.WriteLine($"Rejected. Your files are as they were; `edgecoder undo {session.Id}` brings the change back.");
                    return ReviewEnd.Rejected;
                case "d" or "diff":
                    DiffView.Show(console, [.. changes.Select(ChangedFile.Of)], $"All of it: edgecoder diff {session.Id}");
                    break;
                case "e" or "edit":
                    tested = await SelectAsync(await EditAsync(changes, PatchText.Instructions + string.Concat(changes.Select(change => PatchText.Of(ChangedFile.Of(change)))), cancellationToken), tested, cancellationToken);
                    break;
                case "f" or "files":
                    tested = await SelectAsync(await FileByFileAsync(changes, cancellationToken), tested, cancellationToken);
                    break;
            }
        }
    }

    private async Task<ReviewEnd> ApplyAsync(CancellationToken cancellationToken)
    {
        var outcome = await _review.ApplyAsync(cancellationToken);
        OutcomeView.Show(console, outcome);
        if (outcome.Applied)
        {
            console.MarkupLineInterpolated($"[dim]Take it back: edgecoder undo {session.Id}[/]");
        }

        return outcome.Applied ? ReviewEnd.Applied : ReviewEnd.Conflict;
    }

    /// <summary>Keeps what was chosen and tests it. Gives whether the tests pass now.</summary>
    private async Task<bool> SelectAsync(Selection? selection, bool tested, CancellationToken cancellationToken)
    {
        if (selection is null || selection.Whole)
        {
            return tested;
        }

        await _review.SelectAsync(selection.Kept, cancellationToken);
        if (selection.Kept.Count == 0)
        {
            return false;
        }

        console.MarkupLine("[dim]That is not what was tested; testing it.[/]");
        var report = await _review.TestAsync(cancellationToken);
        if (report is null)
        {
            console.MarkupLine("[yellow]There is no test command, so it is not tested.[/]");
            return false;
        }

        TestReportView.Show(console, report, "");
        return report.IsPass;
    }

    private async Task<Selection?> EditAsync(IReadOnlyList<FileChange> changes, string text, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                text = await edit(text, cancellationToken);
                return await Selection.OfPatchAsync(changes, text, change => _review.VersionsAsync(change, cancellationToken));
            }
            catch (UsageException fault)
            {
                Complain(fault.Message);
                return null;
            }
            catch (FormatException fault)
            {
                Complain(fault.Message);
                if (await ChooseAsync("[bold]e[/] edit again  [bold]c[/] change nothing", cancellationToken) is not ("e" or "edit"))
                {
                    return null;
                }
            }
        }
    }

    private async Task<Selection?> FileByFileAsync(IReadOnlyList<FileChange> changes, CancellationToken cancellationToken)
    {
        var kept = new List<ReviewedFile>();
        foreach (var change in changes)
        {
            var file = ChangedFile.Of(change);
            DiffView.Show(console, [file], "");
            var parts = change.Hunks.Count > 1 ? "  [bold]p[/] part by part" : "";
            var choice = await ChooseAsync($"[bold]y[/] keep  [bold]n[/] leave out{parts}  [bold]e[/] edit  [bold]q[/] stop", cancellationToken, "y", "n", "e", "q", change.Hunks.Count > 1 ? "p" : "y");
            var chosen = choice switch
            {
                "y" => new ReviewedFile(change.Path, null),
                "p" => await PartByPartAsync(change, cancellationToken),
                "e" => await EditFileAsync(changes, change, PatchText.Of(file), cancellationToken),
                _ => null,
            };
            if (choice is null or "q")
            {
                return null;
            }

            if (chosen is not null)
            {
                kept.Add(chosen);
            }
        }

        return Selection.Of(changes, kept);
    }

    private async Task<ReviewedFile?> PartByPartAsync(FileChange change, CancellationToken cancellationToken)
    {
        var file = ChangedFile.Of(change);
        var (numbers, edited) = (new List<int>(), "");
        for (var number = 0; number < change.Hunks.Count; number++)
        {
            DiffView.Hunk(console, file, number);
            switch (await ChooseAsync("[bold]y[/] keep this part  [bold]n[/] leave it out  [bold]e[/] edit it", cancellationToken, "y", "n", "e"))
            {
                case "y":
                    numbers.Add(number);
                    break;
                case "e":
                    edited += await edit(PatchText.Instructions + PatchText.Of(file, [number]), cancellationToken);
                    break;
            }
        }

        if (edited.Length == 0)
        {
            return numbers.Count == 0 ? null : new(change.Path, numbers);
        }

        var whole = PatchMerge.Of(file, numbers, edited);
        return await EditedAsync([change], change, whole, cancellationToken);
    }

    private async Task<ReviewedFile?> EditFileAsync(IReadOnlyList<FileChange> changes, FileChange change, string text, CancellationToken cancellationToken) =>
        (await EditAsync(changes, PatchText.Instructions + text, cancellationToken))?.Kept.FirstOrDefault(kept => kept.Path == change.Path);

    private async Task<ReviewedFile?> EditedAsync(IReadOnlyList<FileChange> changes, FileChange change, string patch, CancellationToken cancellationToken)
    {
        try
        {
            return (await Selection.OfPatchAsync(changes, patch, asked => _review.VersionsAsync(asked, cancellationToken))).Kept.FirstOrDefault(kept => kept.Path == change.Path);
        }
        catch (FormatException fault)
        {
            Complain(fault.Message);
            return await EditFileAsync(changes, change, patch, cancellationToken);
        }
    }

    private async Task<string?> ChooseAsync(string question, CancellationToken cancellationToken, params string[] accepted)
    {
        while (true)
        {
            console.Markup($"{question} > ");
            var answer = (await person.ReadLineAsync(cancellationToken))?.Trim().ToLowerInvariant();
            if (answer is null || (answer.Length > 0 && (accepted.Length == 0 || accepted.Contains(answer))))
            {
                return answer;
            }
        }
    }

    private void Complain(string message) => console.MarkupLineInterpolated($"[red]{SafeText.ForTerminal(message)}[/]");
}
