using CsCheck;
using EdgeCoder.Agent.Replies;

namespace EdgeCoder.Agent.Tests.Replies;

public sealed class ThinkingBlocksTests
{
    [Theory]
    [InlineData("<think>a</think>b", "b")]
    [InlineData("<THINK>a</Think>b", "b")]
    [InlineData("<thinking>\na\n</thinking>\nb", "\nb")]
    [InlineData("<reasoning effort=\"high\">a</reasoning>b", "b")]
    [InlineData("a<think>never closed\n```python\nx = 1\n```", "a")]
    [InlineData("thought without opening\n</think>\nb", "\nb")]
    [InlineData("thought</think>\nb", "\nb")]
    [InlineData("<think>a <think> b </think> c </think>d", "d")]
    [InlineData("<think>x </reasoning> y</think>b", "b")]
    [InlineData("<think>a</think>b<think>c</think>d", "bd")]
    [InlineData("nothing to remove", "nothing to remove")]
    [InlineData("", "")]
    public void Thinking_is_removed(string reply, string expected) => Assert.Equal(expected, ThinkingBlocks.Remove(reply));

    [Fact]
    public void Fence_inside_thinking_is_removed_with_it()
    {
        var reply = "<think>\n```python\nwrong = 1\n```\n</think>\n```python\nright = 1\n```";
        Assert.Equal("\n```python\nright = 1\n```", ThinkingBlocks.Remove(reply));
    }

    [Fact]
    public void Unclosed_fence_inside_headless_thinking_does_not_hide_its_end()
    {
        var reply = "```python\nwrong = 1\n</think>\n```python\nright = 1\n```";
        Assert.Equal("\n```python\nright = 1\n```", ThinkingBlocks.Remove(reply));
    }

    [Theory]
    [InlineData("```python\nreturn re.sub(r'<think>.*?</think>', '', s)\n```")]
    [InlineData("Removes `<think>` and `</think>`:\n```python\nx = '</think>' + y\n```")]
    public void Program_that_speaks_of_thinking_marks_is_left_alone(string reply) => Assert.Equal(reply, ThinkingBlocks.Remove(reply));

    [Fact]
    public void Nothing_inside_a_closed_pair_is_ever_kept() =>
        Gen.Select(Gen.OneOf(Gen.Const("think"), Gen.Const("thinking"), Gen.Const("reasoning")), Gen.String[Gen.Char["ab`~ \n#"], 0, 40], Gen.String[Gen.Char["xy`~ \n#"], 0, 40]).Sample((tag, inside, after) =>
            Assert.Equal(after, ThinkingBlocks.Remove($"<{tag}>{inside}</{tag}>{after}")));

    [Fact]
    public void Text_without_marks_is_unchanged() =>
        Gen.String[Gen.Char["ab<>/`~ \r\n"], 0, 60].Where(s => !s.Contains("think", StringComparison.Ordinal)).Sample(s => Assert.Equal(s, ThinkingBlocks.Remove(s)));
}
