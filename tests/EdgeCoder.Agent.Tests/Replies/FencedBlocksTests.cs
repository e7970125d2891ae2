using CsCheck;
using EdgeCoder.Agent.Replies;

namespace EdgeCoder.Agent.Tests.Replies;

public sealed class FencedBlocksTests
{
    [Theory]
    [InlineData("```python\nx = 1\n```")]
    [InlineData("```Python\nx = 1\n```")]
    [InlineData("``` python\nx = 1\n```")]
    [InlineData("```python \r\nx = 1\r\n```\r\n")]
    [InlineData("```python\rx = 1\r```")]
    [InlineData("~~~python\nx = 1\n~~~")]
    [InlineData("`````python\nx = 1\n`````")]
    [InlineData("```python\nx = 1\n`````")]
    [InlineData("```python {.numberLines startFrom=\"1\"}\nx = 1\n```")]
    [InlineData("```{.python}\nx = 1\n```")]
    [InlineData("```python title=\"a b\"\nx = 1\n```")]
    [InlineData("   ```python\n   x = 1\n   ```")]
    [InlineData("1. ```python\n   x = 1\n   ```")]
    [InlineData("- ```python\n  x = 1\n  ```")]
    [InlineData("\t```python\n\tx = 1\n\t```")]
    [InlineData("text\n```python\nx = 1")]
    public void Block_is_read_however_it_is_written(string reply)
    {
        var block = Assert.Single(FencedBlocks.Read(reply));
        Assert.Equal("python", block.Tag);
        Assert.Equal("x = 1", block.Text);
    }

    [Fact]
    public void Unclosed_block_goes_to_the_end_and_says_so()
    {
        var block = Assert.Single(FencedBlocks.Read("```python\nx = 1\ny = 2"));
        Assert.False(block.Closed);
        Assert.Equal("x = 1\ny = 2", block.Text);
    }

    [Fact]
    public void Shorter_or_other_fence_inside_a_block_is_content()
    {
        var block = Assert.Single(FencedBlocks.Read("````python\ndoc = '''\n```\nexample\n```\n~~~\n'''\n````"));
        Assert.Equal("doc = '''\n```\nexample\n```\n~~~\n'''", block.Text);
    }

    [Fact]
    public void Inline_code_with_three_ticks_is_no_fence() => Assert.Empty(FencedBlocks.Read("```not `a` fence"));

    [Fact]
    public void Block_on_one_line_is_read() => Assert.Equal("x = 1", Assert.Single(FencedBlocks.Read("```x = 1```")).Text);

    [Theory]
    [InlineData("```python solution.py\nx = 1\n```")]
    [InlineData("```solution.py\nx = 1\n```")]
    [InlineData("```python:solution.py\nx = 1\n```")]
    [InlineData("```python title=\"solution.py\"\nx = 1\n```")]
    [InlineData("**solution.py**\n```python\nx = 1\n```")]
    [InlineData("### File: `solution.py`\n```python\nx = 1\n```")]
    [InlineData("`solution.py`:\n```python\nx = 1\n```")]
    [InlineData("```python\n# solution.py\nx = 1\n```")]
    public void File_name_is_found(string reply) => Assert.Equal("solution.py", Assert.Single(FencedBlocks.Read(reply)).File);

    [Theory]
    [InlineData("Save it anywhere, for instance next to main.py, and run it:\n```python\nx = 1\n```")]
    [InlineData("```python\n# works like the loader in config.py but it is faster\nx = 1\n```")]
    [InlineData("```python\nimport a.py\n```")]
    [InlineData("```python ../../etc/x.py\nx = 1\n```")]
    public void Mention_of_a_file_is_no_name(string reply) => Assert.Null(Assert.Single(FencedBlocks.Read(reply)).File);

    [Fact]
    public void Written_blocks_are_read_back() =>
        Gen.Select(Gen.OneOf(Gen.Const('`'), Gen.Const('~')), Gen.Int[3, 6], Gen.Int[0, 3], Gen.String[Gen.Char["ab =\n"], 1, 50], Gen.Bool).Sample((mark, length, indent, text, crlf) =>
        {
            var pad = new string(' ', indent);
            var fence = pad + new string(mark, length);
            var content = string.Join('\n', text.Split('\n').Select(l => pad + l));
            var reply = $"{fence}py\n{content}\n{fence}\n";
            Assert.Equal(text, Assert.Single(FencedBlocks.Read(crlf ? reply.Replace("\n", "\r\n", StringComparison.Ordinal) : reply)).Text);
        });

    [Fact]
    public void No_text_makes_the_reader_fail() => Gen.String[Gen.Char["`~ py\n\r-1."], 0, 80].Sample(text => FencedBlocks.Read(text));
}
