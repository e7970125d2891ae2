using System.Text;
using CsCheck;
using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.Reviews;
using EdgeCoder.Terminal;
using EdgeCoder.Tests.Repositories;

namespace EdgeCoder.Tests.Reviews;

/// <summary>Edited patches: what is kept, what is the person's own, what does not fit.</summary>
public sealed class SelectionTests
{
    private static readonly FileChange Change = ScriptedReview.TwoParts;
    private static readonly string Patch = PatchText.Of(ChangedFile.Of(Change));

    [Fact]
    public async Task A_patch_that_was_not_edited_keeps_everything_as_it_is()
    {
        var selection = await SelectAsync(PatchText.Instructions + Patch);
        Assert.True(selection.Whole);
        Assert.Equal(new ReviewedFile(Change.Path, null), Assert.Single(selection.Kept));
    }

    [Fact]
    public async Task A_part_that_was_removed_is_left_out()
    {
        var selection = await SelectAsync(Patch[..Patch.IndexOf("@@ -8", StringComparison.Ordinal)]);
        Assert.False(selection.Whole || selection.Edited);
        Assert.Equal([0], Assert.Single(selection.Kept).Hunks!);
    }

    [Fact]
    public async Task Edited_words_become_the_file()
    {
        var selection = await SelectAsync(Patch.Replace("+TWO\n", "+zwei\n+drei\n", StringComparison.Ordinal).Replace("-8,2 +8,3", "-8 +1", StringComparison.Ordinal));
        Assert.True(selection.Edited);
        Assert.Equal("one\nzwei\ndrei\nthree\nfour\nfive\nsix\nseven\neight\neight and a half\nnine\n", Text(selection));
    }

    [Fact]
    public async Task A_minus_that_became_a_space_keeps_the_line()
    {
        var selection = await SelectAsync(Patch.Replace("-two", " two", StringComparison.Ordinal));
        Assert.StartsWith("one\ntwo\nTWO\nthree\n", Text(selection), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(" three", " 3", "is not \"3\"")]
    [InlineData("@@ -1,3", "@@ -4,3", "is not \"one\"")]
    [InlineData("@@ -8,2", "@@ -80,2", "beyond the end")]
    [InlineData("src/dates.py", "src/other.py", "src/other.py is not part of the change")]
    [InlineData("+TWO", "?TWO", "begins with neither")]
    public async Task What_does_not_fit_is_refused_with_its_place(string old, string replacement, string message)
    {
        var fault = await Assert.ThrowsAsync<FormatException>(() => SelectAsync(Patch.Replace(old, replacement, StringComparison.Ordinal)));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_patch_keeps_nothing() => Assert.Empty((await SelectAsync("# all gone\n\n")).Kept);

    [Fact]
    public async Task A_file_that_is_not_text_is_kept_whole_but_never_edited()
    {
        byte[] latin = [0x6f, 0x6e, 0x65, 0xe9, 0x0a];
        await Assert.ThrowsAsync<FormatException>(() => Selection.OfPatchAsync([Change], Patch.Replace("+TWO", "+zwei", StringComparison.Ordinal), _ => Task.FromResult(new FileVersions(latin, null))));
        var binary = Change with { Path = "a.png", Binary = true, Hunks = [] };
        Assert.True((await Selection.OfPatchAsync([binary], PatchText.Of(ChangedFile.Of(binary)), _ => throw new InvalidOperationException())).Whole);
    }

    [Fact]
    public async Task Names_with_spaces_quotes_and_other_scripts_come_back_as_themselves()
    {
        foreach (var name in (string[])["a b.py", "say \"hi\".py", "日本.py", "tab\there.py", "b/ b/x.py", "-dash.py"])
        {
            var change = Change with { Path = name };
            Assert.True((await Selection.OfPatchAsync([change], PatchText.Of(ChangedFile.Of(change)), _ => throw new InvalidOperationException(name))).Whole, name);
        }
    }

    [Fact]
    public async Task Gits_own_form_of_a_patch_is_read_too()
    {
        const string Git = "diff --git a/src/dates.py b/src/dates.py\nindex 123..456 100644\n--- a/src/dates.py\n+++ b/src/dates.py\n@@ -1,3 +1,3 @@ def f():\n one\n-two\n+TWO\n three\n@@ -8,2 +8,3 @@\n eight\n+eight and a half\n nine\n";
        Assert.True((await SelectAsync(Git)).Whole);
    }

    [Fact]
    public async Task A_missing_line_end_at_the_end_stays_missing()
    {
        FileChange change = new("x", null, FileChangeKind.Modified, false, null, [new() { OldStart = 1, OldLines = 1, NewStart = 1, NewLines = 1, Content = "-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n" }]);
        var selection = await Selection.OfPatchAsync([change], PatchText.Of(ChangedFile.Of(change)).Replace("+b", "+c", StringComparison.Ordinal), _ => Task.FromResult(new FileVersions("a"u8.ToArray(), null)));
        Assert.Equal("c", Text(selection));
    }

    [Fact]
    public void Parts_chosen_on_the_command_line_are_counted_from_one()
    {
        var selection = FileChoice.Of([Change], ["src/dates.py:2"]);
        Assert.Equal([1], Assert.Single(selection.Kept).Hunks!);
        Assert.True(FileChoice.Of([Change], ["src/dates.py:1,2"]).Whole);
        Assert.Throws<EdgeCoder.Commands.UsageException>(() => FileChoice.Of([Change], ["src/dates.py:3"]));
        Assert.Throws<EdgeCoder.Commands.UsageException>(() => FileChoice.Of([Change], ["src/other.py"]));
    }

    /// <summary>For every pair of texts: the whole difference, written, read again with one added word, gives the new text with that word.</summary>
    [Fact]
    public void An_edit_of_any_change_gives_the_new_text_with_the_edit() =>
        Gen.Select(Gen.Int[0, 3].List[0, 12], Gen.Int[0, 3].List[0, 12]).Sample(pair =>
        {
            var (old, fresh) = pair;
            // One part that replaces every line is a change of any two texts.
            var hunk = new DiffHunk
            {
                OldStart = old.Count == 0 ? 0 : 1, OldLines = old.Count, NewStart = 1, NewLines = fresh.Count,
                Content = string.Concat(old.Select(line => $"-{line}\n")) + string.Concat(fresh.Select(line => $"+{line}\n")),
            };
            var change = new FileChange("x", null, FileChangeKind.Modified, false, null, [hunk]);
            var read = PatchReader.Read(PatchText.Of(ChangedFile.Of(change)) + "+more\n");
            return HunkEdit.Apply(read[0], string.Concat(old.Select(line => $"{line}\n"))) == string.Concat(fresh.Select(line => $"{line}\n")) + "more\n";
        });

    private static Task<Selection> SelectAsync(string patch) => Selection.OfPatchAsync([Change], patch, _ => Task.FromResult(new FileVersions(ScriptedReview.Before, null)));

    private static string Text(Selection selection) => Encoding.UTF8.GetString(Assert.Single(selection.Kept).Edited!);
}
