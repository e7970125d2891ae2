using EdgeCoder.Agent.Sessions;

namespace EdgeCoder.Agent.Repositories;

/// <summary>Where the worktree stands among the states it had, as the journal tells it. Pure: a fold over its records.</summary>
internal sealed class Timeline
{
    private readonly List<string> _trees;
    private int _at;

    /// <summary>Folds the records.</summary>
    public Timeline(string baseTree, IEnumerable<JournalRecord> states)
    {
        _trees = [baseTree];
        foreach (var state in states)
        {
            Apply(state);
        }
    }

    /// <summary>The tree that the worktree has.</summary>
    public string Tree => _trees[_at];

    /// <summary>The tree that an undo leads to; null at the beginning.</summary>
    public string? Back => _at > 0 ? _trees[_at - 1] : null;

    /// <summary>The tree that a redo leads to; null when nothing was undone.</summary>
    public string? Forth => _at + 1 < _trees.Count ? _trees[_at + 1] : null;

    /// <summary>Whether the change is applied to the person's tree.</summary>
    public bool Applied { get; private set; }

    /// <summary>Whether what was applied last was taken back, and nothing else was done since.</summary>
    public bool CanReapply { get; private set; }

    /// <summary>Takes a record into account.</summary>
    public void Apply(JournalRecord record)
    {
        switch (record)
        {
            case CloseRecord close:
                Reach((close.Saved ?? close.Tool?.Saved)!.Tree);
                break;
            case ReviewRecord { Kind: "select" } review:
                Reach(review.Tree);
                break;
            case ReviewRecord { Kind: "undo" }:
                _at = Math.Max(0, _at - 1);
                CanReapply = false;
                break;
            case ReviewRecord { Kind: "redo" }:
                _at = Math.Min(_trees.Count - 1, _at + 1);
                CanReapply = false;
                break;
            case ReviewRecord { Kind: "apply" or "reapply" }:
                (Applied, CanReapply) = (true, false);
                break;
            case ReviewRecord { Kind: "unapply" }:
                (Applied, CanReapply) = (false, true);
                break;
        }
    }

    private void Reach(string tree)
    {
        if (tree == Tree)
        {
            return;
        }

        _trees.RemoveRange(_at + 1, _trees.Count - _at - 1);
        _trees.Add(tree);
        _at++;
        CanReapply = false;
    }
}
