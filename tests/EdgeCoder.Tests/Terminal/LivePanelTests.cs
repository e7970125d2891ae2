using EdgeCoder.Protocol.Sessions;
using EdgeCoder.Terminal;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Tests.Terminal;

public sealed class LivePanelTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly StringWriter _written = new();
    private readonly LivePanel _panel;

    public LivePanelTests() => _panel = new(_written, redraw: true, _time, () => 40);

    public void Dispose()
    {
        _panel.Dispose();
        _written.Dispose();
    }

    [Fact]
    public void Text_plan_and_what_goes_on_stand_below_each_other_and_fit()
    {
        _panel.Show("Running a command with a very long name \u001b[2J that does not fit");
        _panel.ShowPlan(Plan(3, done: 1));
        _panel.ShowText("the line that is being written");
        _time.Advance(TimeSpan.FromMilliseconds(100));
        var lines = _written.ToString().Split("\r\n");
        Assert.Equal(5, lines.Length);
        Assert.StartsWith("the line", lines[0], StringComparison.Ordinal);
        Assert.StartsWith("  ✓ 1.", lines[1], StringComparison.Ordinal);
        Assert.EndsWith("…", lines[4], StringComparison.Ordinal);
        Assert.All(lines, line => Assert.True(TextColumns.Of(line) < 40, line));
        Assert.DoesNotContain("\u001b[2J", _written.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Erasing_goes_up_exactly_as_many_lines_as_were_drawn()
    {
        _panel.Show("working");
        _panel.ShowPlan(Plan(2, done: 0));
        _time.Advance(TimeSpan.FromMilliseconds(100));
        _panel.Pause();
        Assert.EndsWith("\r\u001b[2A\u001b[J", _written.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void While_a_person_is_asked_nothing_is_drawn_over_the_question()
    {
        _panel.Show("working");
        _panel.Pause();
        Beat();
        Assert.Equal("", _written.ToString());
        _panel.Resume();
        Beat();
        Assert.Contains("working", _written.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_plan_shows_the_steps_around_the_one_that_is_done()
    {
        var lines = LivePanel.Lines(Plan(20, done: 10), "", "working", "", 40).ToList();
        Assert.Equal(9, lines.Count);
        Assert.Contains(lines, line => line.Contains(" 11.", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_a_terminal_each_message_is_one_plain_line()
    {
        using var written = new StringWriter();
        using var plain = new LivePanel(written, redraw: false, _time, () => 40);
        plain.Show("one\ntwo");
        plain.Show("one\ntwo");
        plain.Pause();
        Assert.Equal("· one two\n", written.ToString());
    }

    private static IReadOnlyList<PlanStep> Plan(int steps, int done) =>
        [.. Enumerable.Range(1, steps).Select(index => new PlanStep { Index = index, Description = "step", Status = index <= done ? PlanStepStatus.Completed : PlanStepStatus.Pending })];

    private void Beat()
    {
        _time.Advance(TimeSpan.FromMilliseconds(100));
    }
}
