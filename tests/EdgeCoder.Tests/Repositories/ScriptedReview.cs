using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;

namespace EdgeCoder.Tests.Repositories;

/// <summary>A review of a change that the test gives, which remembers what was decided.</summary>
internal sealed class ScriptedReview : IReview
{
    public static FileChange TwoParts { get; } = new("src/dates.py", null, FileChangeKind.Modified, false, null,
    [
        new() { OldStart = 1, OldLines = 3, NewStart = 1, NewLines = 3, Content = " one\n-two\n+TWO\n three\n" },
        new() { OldStart = 8, OldLines = 2, NewStart = 8, NewLines = 3, Content = " eight\n+eight and a half\n nine\n" },
    ]);

    public static byte[] Before { get; } = "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n"u8.ToArray();

    public List<FileChange> Changes { get; } = [TwoParts];

    public List<IReadOnlyList<ReviewedFile>> Selected { get; } = [];

    public Queue<TestReport?> Reports { get; } = [];

    public List<string> Actions { get; } = [];

    public ApplyOutcome Outcome { get; set; } = new(true, ["src/dates.py"], "1 file was changed.");

    public IReadOnlyList<SavePoint> SavePoints { get; } = [];

    public Task<IReadOnlyList<FileChange>> ChangesAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<FileChange>>([.. Changes]);

    public Task<string> PatchAsync(CancellationToken cancellationToken) => Task.FromResult(string.Concat(Changes.Select(change => EdgeCoder.Reviews.PatchText.Of(EdgeCoder.Terminal.ChangedFile.Of(change)))));

    public Task<FileVersions> VersionsAsync(FileChange change, CancellationToken cancellationToken) => Task.FromResult(new FileVersions(Before, null));

    public Task SelectAsync(IReadOnlyList<ReviewedFile> kept, CancellationToken cancellationToken)
    {
        Selected.Add(kept);
        if (kept.Count == 0)
        {
            Changes.Clear();
        }

        return Task.CompletedTask;
    }

    public Task<TestReport?> TestAsync(CancellationToken cancellationToken)
    {
        Actions.Add("test");
        return Task.FromResult(Reports.Dequeue());
    }

    public Task<ApplyOutcome> ApplyAsync(CancellationToken cancellationToken) => Do("apply");

    public Task<ApplyOutcome> UndoAsync(CancellationToken cancellationToken) => Do("undo");

    public Task<ApplyOutcome> RedoAsync(CancellationToken cancellationToken) => Do("redo");

    private Task<ApplyOutcome> Do(string action)
    {
        Actions.Add(action);
        return Task.FromResult(Outcome);
    }
}
