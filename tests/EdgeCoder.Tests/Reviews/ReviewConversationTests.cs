using EdgeCoder.Reviews;
using EdgeCoder.Terminal;
using EdgeCoder.Tests.Repositories;
using Spectre.Console.Testing;

namespace EdgeCoder.Tests.Reviews;

/// <summary>Apply, reject or edit, whole, by file and by part.</summary>
public sealed class ReviewConversationTests : IDisposable
{
    private readonly TestConsole _console = new() { Profile = { Width = 200 } };
    private readonly Queue<string> _typed = [];
    private readonly Queue<Func<string, string>> _edits = [];
    private readonly ScriptedReview _review = new();

    public void Dispose() => _console.Dispose();

    [Fact]
    public async Task Rejecting_puts_everything_aside_and_says_how_to_get_it_back()
    {
        Assert.Equal(ReviewEnd.Rejected, await AskAsync("r"));
        Assert.Empty(Assert.Single(_review.Selected));
        Assert.Contains("edgecoder undo", _console.Output, StringComparison.Ordinal);
        Assert.Empty(_review.Actions);
    }

    [Fact]
    public async Task The_end_of_the_input_decides_nothing()
    {
        Assert.Equal(ReviewEnd.Later, await AskAsync());
        Assert.Empty(_review.Actions);
        Assert.Empty(_review.Selected);
    }

    [Fact]
    public async Task A_part_that_is_left_out_is_tested_before_it_is_applied()
    {
        _review.Reports.Enqueue(ScriptedSession.Report(2));
        Assert.Equal(ReviewEnd.Applied, await AskAsync("f", "p", "y", "n", "a"));
        Assert.Equal([0], Assert.Single(Assert.Single(_review.Selected)).Hunks!);
        Assert.Equal(["test", "apply"], _review.Actions);
    }

    [Fact]
    public async Task An_edit_whose_tests_fail_is_called_so_before_it_can_be_applied()
    {
        _edits.Enqueue(text => text.Replace("+TWO", "+2", StringComparison.Ordinal));
        _review.Reports.Enqueue(ScriptedSession.Report(1, failed: 1));
        Assert.Equal(ReviewEnd.Later, await AskAsync("e", "l"));
        Assert.Contains("1 of 2 tests failed", _console.Output, StringComparison.Ordinal);
        Assert.Contains("its tests fail", _console.Output, StringComparison.Ordinal);
        Assert.StartsWith("one\n2\nthree", System.Text.Encoding.UTF8.GetString(Assert.Single(Assert.Single(_review.Selected)).Edited!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_edited_part_and_one_kept_part_make_one_file()
    {
        _edits.Enqueue(text => text.Replace("+eight and a half", "+8.5", StringComparison.Ordinal));
        _review.Reports.Enqueue(ScriptedSession.Report(2));
        Assert.Equal(ReviewEnd.Applied, await AskAsync("f", "p", "y", "e", "a"));
        Assert.Equal("one\nTWO\nthree\nfour\nfive\nsix\nseven\neight\n8.5\nnine\n", System.Text.Encoding.UTF8.GetString(Assert.Single(Assert.Single(_review.Selected)).Edited!));
    }

    [Fact]
    public async Task An_edit_that_does_not_fit_can_be_made_again()
    {
        _edits.Enqueue(text => text.Replace(" three", " drei", StringComparison.Ordinal));
        _edits.Enqueue(text => text.Replace(" drei", " three", StringComparison.Ordinal));
        Assert.Equal(ReviewEnd.Applied, await AskAsync("e", "e", "a"));
        Assert.Contains("is not \"drei\"", _console.Output, StringComparison.Ordinal);
        Assert.Empty(_review.Selected);
    }

    [Fact]
    public async Task Stopping_file_by_file_chooses_nothing()
    {
        Assert.Equal(ReviewEnd.Later, await AskAsync("f", "q", "l"));
        Assert.Empty(_review.Selected);
    }

    private Task<ReviewEnd> AskAsync(params IEnumerable<string> typed)
    {
        foreach (var line in typed)
        {
            _typed.Enqueue(line);
        }

        var session = new ScriptedSession(new() { Root = "/p" }, new EdgeCoder.Repositories.UnattendedApprover(), _review, []);
        var person = new Person(true, () => _typed.TryDequeue(out var line) ? line : null, () => { });
        return new ReviewConversation(session, person, _console, (text, _) => Task.FromResult(_edits.Dequeue()(text))).AskAsync(true, TestContext.Current.CancellationToken);
    }
}
