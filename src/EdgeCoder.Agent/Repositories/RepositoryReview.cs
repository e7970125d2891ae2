using System.Text.Json;
using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Agent.Repositories;

/// <summary>The review of one session: what the journal says of the worktree's states, and the workspace that moves between them.</summary>
/// <param name="journal">The session's journal; held while this lives.</param>
/// <param name="site">Where it works.</param>
/// <param name="desk">Decides whether the tests may run.</param>
/// <param name="dataClass">Class of the work.</param>
/// <param name="changing">Called before anything changes: throws while a prompt is at work, ends one that was cut off.</param>
internal sealed class RepositoryReview(SessionJournal journal, IRepositorySite site, ApprovalDesk desk, Func<string> dataClass, Action changing) : IReview
{
    private IWorkspace Workspace => site.Workspace;

    private Timeline Timeline => new(Workspace.Base.Tree, journal.States);

    /// <inheritdoc/>
    public IReadOnlyList<SavePoint> SavePoints => Workspace.SavePoints;

    /// <inheritdoc/>
    public Task<IReadOnlyList<FileChange>> ChangesAsync(CancellationToken cancellationToken) => Workspace.ChangesAsync(Workspace.Base.Tree, Timeline.Tree, cancellationToken);

    /// <inheritdoc/>
    public Task<string> PatchAsync(CancellationToken cancellationToken) => Workspace.PatchAsync(Workspace.Base.Tree, Timeline.Tree, cancellationToken);

    /// <inheritdoc/>
    public Task<FileVersions> VersionsAsync(FileChange change, CancellationToken cancellationToken) =>
        Workspace.VersionsAsync(Workspace.Base.Tree, Timeline.Tree, change, cancellationToken);

    /// <inheritdoc/>
    public async Task SelectAsync(IReadOnlyList<ReviewedFile> kept, CancellationToken cancellationToken)
    {
        changing();
        var tree = await Workspace.SelectAsync(Timeline.Tree, kept, cancellationToken).ConfigureAwait(false);
        await GoToAsync(tree, cancellationToken).ConfigureAwait(false);
        journal.Reviewed(new ReviewRecord("select", tree));
    }

    /// <inheritdoc/>
    public async Task<TestReport?> TestAsync(CancellationToken cancellationToken)
    {
        changing();
        if (site.Tools.FirstOrDefault(t => t.Name == "run_tests") is not { } tool)
        {
            return null;
        }

        using var none = JsonDocument.Parse("{}");
        var arguments = none.RootElement.Clone();
        try
        {
            var verdict = await desk.DecideAsync("review", () => tool.Describe(arguments), dataClass(), static _ => { }, static _ => { }, cancellationToken).ConfigureAwait(false);
            if (!verdict.Allowed)
            {
                throw new RepositoryException("approval_denied", $"The tests were not run. {verdict.Reason}");
            }

            var before = await Workspace.SaveAsync("tests of the review", cancellationToken).ConfigureAwait(false);
            var result = await tool.RunAsync(new ToolCall("review", arguments, static _ => { }), cancellationToken).ConfigureAwait(false);
            var after = await Workspace.SaveAsync("after the tests of the review", cancellationToken).ConfigureAwait(false);
            if (after.Tree != before.Tree)
            {
                await Workspace.RestoreAsync(before, cancellationToken).ConfigureAwait(false);
            }

            return result.Tests;
        }
        catch (ToolException)
        {
            // No test command: there is nothing to run.
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<ApplyOutcome> ApplyAsync(CancellationToken cancellationToken)
    {
        changing();
        var timeline = Timeline;
        var outcome = await Workspace.ApplyAsync(timeline.Tree, cancellationToken).ConfigureAwait(false);
        return Kept(outcome, "apply", timeline.Tree);
    }

    /// <inheritdoc/>
    public async Task<ApplyOutcome> UndoAsync(CancellationToken cancellationToken)
    {
        changing();
        var timeline = Timeline;
        if (timeline.Applied)
        {
            return Kept(await Workspace.UndoApplyAsync(cancellationToken).ConfigureAwait(false), "unapply", timeline.Tree);
        }

        return timeline.Back is { } back
            ? await MoveAsync("undo", timeline.Tree, back, cancellationToken).ConfigureAwait(false)
            : new(false, [], "There is nothing to undo.");
    }

    /// <inheritdoc/>
    public async Task<ApplyOutcome> RedoAsync(CancellationToken cancellationToken)
    {
        changing();
        var timeline = Timeline;
        if (timeline.CanReapply)
        {
            return Kept(await Workspace.RedoApplyAsync(cancellationToken).ConfigureAwait(false), "reapply", timeline.Tree);
        }

        return timeline.Forth is { } forth
            ? await MoveAsync("redo", timeline.Tree, forth, cancellationToken).ConfigureAwait(false)
            : new(false, [], "There is nothing to redo.");
    }

    private ApplyOutcome Kept(ApplyOutcome outcome, string kind, string tree)
    {
        if (outcome.Applied)
        {
            journal.Reviewed(new ReviewRecord(kind, tree));
        }

        return outcome;
    }

    private async Task<ApplyOutcome> MoveAsync(string kind, string from, string to, CancellationToken cancellationToken)
    {
        var changes = await Workspace.ChangesAsync(from, to, cancellationToken).ConfigureAwait(false);
        await GoToAsync(to, cancellationToken).ConfigureAwait(false);
        journal.Reviewed(new ReviewRecord(kind, to));
        return new(true, [.. changes.Select(c => c.Path)], kind == "undo" ? "The last step is taken back in the worktree. The tests have not run on it as it is now." : "The step is done again in the worktree.");
    }

    /// <summary>Brings the worktree to a tree. One that is no save point yet becomes one; the branch stays where it is then.</summary>
    private async Task GoToAsync(string tree, CancellationToken cancellationToken)
    {
        var point = Workspace.SavePoints.LastOrDefault(p => p.Tree == tree) ?? Workspace.SavePoints[^1] with { Tree = tree };
        await Workspace.RestoreAsync(point, cancellationToken).ConfigureAwait(false);
        await Workspace.SaveAsync("review", cancellationToken).ConfigureAwait(false);
    }
}
