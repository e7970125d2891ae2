using CsCheck;
using EdgeCoder.Terminal;

namespace EdgeCoder.Tests.Terminal;

public sealed class SafeTextTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("a\tb\nc", "a\tb\nc")]
    [InlineData("a\r\nb", "a\nb")]
    [InlineData("\u001b[2Jgone", "␛[2Jgone")]
    [InlineData("over\rwrite", "over␍write")]
    [InlineData("\u009b31m", "\ufffd31m")]
    [InlineData("a\u202eb", "a\ufffdb")]
    [InlineData("\u007f", "␡")]
    public void Control_characters_become_visible(string text, string expected) => Assert.Equal(expected, SafeText.ForTerminal(text));

    [Fact]
    public void No_text_can_move_the_cursor() =>
        Gen.String.Sample(text => !SafeText.ForTerminal(text).Any(c => char.IsControl(c) && c is not '\n' and not '\t'));

    [Fact]
    public void Ordinary_text_is_kept() =>
        Gen.String[Gen.Char[' ', '~'], 0, 200].Sample(text => SafeText.ForTerminal(text) == text);
}
