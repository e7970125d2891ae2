using EdgeCoder.Terminal;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Tests.Terminal;

public sealed class ProgressLineTests
{
    private readonly StringWriter _written = new();
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_terminal_gets_one_line_redrawn_with_the_time_it_takes()
    {
        using var line = new ProgressLine(_written, redraw: true, _time, () => 40);
        line.Show("asking for code");
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.EndsWith("asking for code 2 s", _written.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', _written.ToString());
    }

    [Fact]
    public void Erasing_leaves_an_empty_line_until_the_next_redraw()
    {
        using var line = new ProgressLine(_written, redraw: true, _time, () => 40);
        line.Show("working");
        _time.Advance(TimeSpan.FromMilliseconds(100));
        line.Erase();
        Assert.EndsWith("\r\u001b[K", _written.ToString(), StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.EndsWith("working", _written.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_beat_between_erasing_and_the_text_that_follows_draws_nothing()
    {
        using var line = new ProgressLine(_written, redraw: true, _time, () => 40);
        line.Show("working");
        _time.Advance(TimeSpan.FromMilliseconds(150));
        line.Erase();
        var length = _written.ToString().Length;
        _time.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(length, _written.ToString().Length);
    }

    [Fact]
    public void A_line_never_wraps()
    {
        using var line = new ProgressLine(_written, redraw: true, _time, () => 20);
        line.Show(new string('x', 200));
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.True(_written.ToString().Split("\u001b[K").Max(part => part.Length) <= 20);
    }

    [Fact]
    public void A_log_gets_each_message_once()
    {
        using var line = new ProgressLine(_written, redraw: false, _time, () => 80);
        line.Show("planning");
        line.Show("planning");
        line.Show("coding");
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("· planning\n· coding\n", _written.ToString());
    }

    [Fact]
    public void Nothing_is_drawn_after_the_end()
    {
        var line = new ProgressLine(_written, redraw: true, _time, () => 40);
        line.Show("working");
        line.Dispose();
        var length = _written.ToString().Length;
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(length, _written.ToString().Length);
    }
}
