using CsCheck;
using EdgeCoder.Terminal;

namespace EdgeCoder.Tests.Terminal;

public sealed class TextStreamTests
{
    private static readonly string[] Texts = ["one two three\r\nfour\n\nfive", "a\u001b[31mb\nc", "日本語 text\nmore"];

    [Fact]
    public void Pieces_give_the_same_lines_however_they_are_cut() =>
        Gen.Select(Gen.Int[0, Texts.Length - 1].Select(index => Texts[index]), Gen.Int[1, 6], Gen.Bool).Sample((text, size, wraps) =>
        {
            Func<int>? width = wraps ? () => 12 : null;
            var (whole, pieces) = (new TextStream(width), new TextStream(width));
            var expected = whole.Add(text).Concat(whole.Finish()).ToList();
            var got = text.Chunk(size).SelectMany(piece => pieces.Add(new string(piece))).ToList();
            got.AddRange(pieces.Finish());
            return expected.SequenceEqual(got) && got.All(line => !line.Contains('\u001b', StringComparison.Ordinal));
        });

    [Fact]
    public void What_is_no_line_yet_waits_and_can_be_shown()
    {
        var stream = new TextStream(null);
        Assert.Empty(stream.Add("half a li"));
        Assert.Equal("half a li", stream.Rest);
        Assert.Equal(["half a line"], stream.Add("ne\nnext"));
        Assert.Equal(["next"], stream.Finish());
    }
}
