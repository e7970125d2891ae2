using CsCheck;
using EdgeCoder.Terminal;

namespace EdgeCoder.Tests.Terminal;

public sealed class TextColumnsTests
{
    [Theory]
    [InlineData("abc", 3)]
    [InlineData("日本", 4)]
    [InlineData("", 0)]
    public void East_Asian_characters_take_two_columns(string text, int columns) => Assert.Equal(columns, TextColumns.Of(text));

    [Fact]
    public void Words_are_not_broken_where_a_space_fits() => Assert.Equal(["the quick", "brown fox"], TextColumns.Wrap("the quick brown fox", 10));

    [Fact]
    public void Later_lines_hang_below_the_text() => Assert.Equal(["  ○ 1. one two", "       three"], TextColumns.WrapHanging("  ○ 1. one two three", 15, 7));

    [Fact]
    public void No_line_is_wider_and_no_character_but_spaces_is_lost() =>
        Gen.Select(Gen.String[Gen.Char["ab 日😀é"], 0, 80], Gen.Int[8, 30]).Sample((text, width) =>
        {
            // Half of a pair is no text.
            text = string.Concat(text.EnumerateRunes());
            var lines = TextColumns.Wrap(text, width).ToList();
            return lines.All(line => TextColumns.Of(line) <= width) && string.Concat(lines).Replace(" ", "", StringComparison.Ordinal) == text.Replace(" ", "", StringComparison.Ordinal);
        });

    [Fact]
    public void What_is_cut_fits_and_says_so() =>
        Gen.Select(Gen.String[Gen.Char["ab日"], 0, 40], Gen.Int[1, 20]).Sample((text, width) => TextColumns.Of(TextColumns.Cut(text, width)) <= width && (TextColumns.Of(text) <= width) == (TextColumns.Cut(text, width) == text));
}
