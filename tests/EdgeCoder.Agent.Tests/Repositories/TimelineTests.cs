using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Tests.Repositories;

/// <summary>R9: where undo and redo lead, as the journal tells it.</summary>
public sealed class TimelineTests
{
    [Fact]
    public void Undo_and_redo_go_step_by_step()
    {
        var timeline = new Timeline("base", [Step("a"), Step("a"), Step("b")]);
        Assert.Equal(("b", "a", null), (timeline.Tree, timeline.Back, timeline.Forth));
        timeline.Apply(new ReviewRecord("undo", "a"));
        timeline.Apply(new ReviewRecord("undo", "base"));
        Assert.Equal(("base", null, "a"), (timeline.Tree, timeline.Back, timeline.Forth));
        timeline.Apply(new ReviewRecord("redo", "a"));
        Assert.Equal(("a", "base", "b"), (timeline.Tree, timeline.Back, timeline.Forth));
    }

    [Fact]
    public void New_state_forgets_what_was_undone()
    {
        var timeline = new Timeline("base", [Step("a"), new ReviewRecord("undo", "base"), Step("c")]);
        Assert.Equal(("c", "base", null), (timeline.Tree, timeline.Back, timeline.Forth));
    }

    [Fact]
    public void Selection_is_a_state_that_can_be_undone()
    {
        var timeline = new Timeline("base", [Step("a"), new ReviewRecord("select", "part")]);
        Assert.Equal(("part", "a"), (timeline.Tree, timeline.Back));
    }

    [Fact]
    public void Applied_change_is_known_and_can_be_applied_again_after_it_was_taken_back()
    {
        var timeline = new Timeline("base", [Step("a"), new ReviewRecord("apply", "a")]);
        Assert.True(timeline.Applied);
        timeline.Apply(new ReviewRecord("unapply", "a"));
        Assert.Equal((false, true), (timeline.Applied, timeline.CanReapply));
        timeline.Apply(new ReviewRecord("reapply", "a"));
        Assert.Equal((true, false), (timeline.Applied, timeline.CanReapply));
    }

    private static CloseRecord Step(string tree) => new() { Step = 1, TookMs = 0, ElapsedMs = 0, Tool = new ToolOutcome { Text = "", Saved = new(1, tree, "", 0) } };
}
