using EdgeCoder.Agent.Replies;
using EdgeCoder.Executor;

namespace EdgeCoder.Agent.Tests.Replies;

public sealed class CodeReplyTests
{
    [Fact]
    public void Block_whose_tag_fits_wins_over_a_longer_one_that_does_not() =>
        Assert.Equal("def f():\n    return 1\n", Code("```bash\npip install something very long indeed\n```\n```python\ndef f():\n    return 1\n```\n```text\nOutput: 1 1 1 1 1 1 1 1 1 1 1 1 1\n```"));

    [Fact]
    public void Untagged_block_wins_over_one_of_another_language() =>
        Assert.Equal("def f():\n    return 1\n", Code("```java\nclass F { int f() { return 1; } int g() { return 2; } }\n```\n```\ndef f():\n    return 1\n```"));

    [Fact]
    public void Foreign_tag_is_taken_when_it_looks_like_a_program_and_nothing_fits() =>
        Assert.Equal("def f():\n    return 1\n", Code("```ruby\ndef f():\n    return 1\n```"));

    [Theory]
    [InlineData("```sh\npython solution.py\n```")]
    [InlineData("```text\nx = 1\n```")]
    [InlineData("```output\nx = 1\n```")]
    [InlineData("```diff\n- x = 1\n+ x = 2\n```")]
    public void Shell_text_output_and_differences_are_never_code(string reply) => Assert.Empty(CodeReply.ReadCode(reply, SnippetLanguage.Python).Files);

    [Fact]
    public void Longest_definition_wins_over_a_usage_example() =>
        Assert.Equal("def f(x):\n    return x + 1\n", Code("```python\ndef f(x):\n    return x + 1\n```\nUse it:\n```python\nprint(f(1))\nprint(f(2))\nprint(f(3))\nprint(f(4))\n```"));

    [Fact]
    public void Tests_beside_the_code_are_not_the_code() =>
        Assert.Equal("def f(x):\n    return x\n", Code("```python\ndef f(x):\n    return x\n```\n```python\ndef test_f():\n    assert f(1) == 1\n    assert f(2) == 2\n    assert f(3) == 3\n```"));

    [Fact]
    public void Several_named_files_belong_together()
    {
        var files = CodeReply.ReadCode("**solution.py**\n```python\nfrom shapes import area\ndef f():\n    return area(1)\n```\n**shapes.py**\n```python\ndef area(x):\n    return x\n```", SnippetLanguage.Python).Files;
        Assert.Equal(["solution.py", "shapes.py"], files.Select(f => f.Name));
    }

    [Fact]
    public void Only_file_with_another_name_becomes_the_solution() => Assert.Equal("solution.py", Assert.Single(CodeReply.ReadCode("```python merge.py\ndef f():\n    pass\n```", SnippetLanguage.Python).Files).Name);

    [Fact]
    public void Whole_reply_counts_when_it_is_a_program() => Assert.Equal("def f(x):\n    return x\n", Code("def f(x):\n    return x"));

    [Theory]
    [InlineData("")]
    [InlineData("   \n")]
    [InlineData("I cannot help with that.")]
    [InlineData("Sorry")]
    [InlineData("The function takes two dictionaries (a and b) and merges them.")]
    [InlineData("```python\n```")]
    public void Prose_and_nothing_are_no_code_and_the_fault_shows_the_shape(string reply)
    {
        var read = CodeReply.ReadCode(reply, SnippetLanguage.Python);
        Assert.Empty(read.Files);
        Assert.Contains("```python", read.Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("```js\nfunction f() { return 1; }\n```")]
    [InlineData("```JavaScript\nfunction f() { return 1; }\n```")]
    [InlineData("```\nfunction f() { return 1; }\n```")]
    [InlineData("function f() { return 1; }")]
    public void JavaScript_is_read_alike(string reply) => Assert.Equal("function f() { return 1; }\n", Assert.Single(CodeReply.ReadCode(reply, SnippetLanguage.JavaScript).Files).Text);

    [Theory]
    [InlineData("I cannot help with that.")]
    [InlineData("Sorry")]
    [InlineData("no")]
    public void Prose_is_no_JavaScript(string reply) => Assert.Empty(CodeReply.ReadCode(reply, SnippetLanguage.JavaScript).Files);

    [Fact]
    public void Tests_are_told_by_what_they_hold()
    {
        var read = CodeReply.ReadTests("```python\ndef f():\n    return 1\n```\n```python\ndef test_f():\n    assert f() == 1\n```", SnippetLanguage.Python);
        Assert.Equal("def test_f():\n    assert f() == 1\n", Assert.Single(read.Files).Text);
    }

    [Fact]
    public void Assertions_alone_are_tests() => Assert.Single(CodeReply.ReadTests("```python\nassert f(1) == 2\nassert f(2) == 3\n```", SnippetLanguage.Python).Files);

    [Fact]
    public void Program_that_ends_with_assertions_stays_a_program() => Assert.Single(CodeReply.ReadCode("```python\ndef f():\n    return 1\n\nassert f() == 1\n```", SnippetLanguage.Python).Files);

    [Fact]
    public void Program_that_carries_its_own_tests_stays_a_program() =>
        Assert.Single(CodeReply.ReadCode("```python\ndef f():\n    return 1\n\ndef test_f():\n    assert f() == 1\n```", SnippetLanguage.Python).Files);

    [Fact]
    public void Tests_with_a_helper_are_not_the_code() =>
        Assert.Equal("def f():\n    return 1\n", Code("```python\ndef f():\n    return 1\n```\n```python\ndef check(x):\n    return x == 1\n\ndef test_f():\n    assert check(f())\n```"));

    [Fact]
    public void Assertions_with_helper_or_require_are_tests()
    {
        Assert.Single(CodeReply.ReadTests("```python\ncases = [1]\nfor c in cases:\n    pass\nassert f(1) == 2\n```", SnippetLanguage.Python).Files);
        Assert.Single(CodeReply.ReadTests("```js\nconst assert = require('assert');\nassert.equal(f(1), 2);\n```", SnippetLanguage.JavaScript).Files);
    }

    [Fact]
    public void Block_without_tests_is_refused_as_tests() =>
        Assert.Contains("holds no tests", CodeReply.ReadTests("```python\ndef f():\n    return 1\n```", SnippetLanguage.Python).Fault, StringComparison.Ordinal);

    [Fact]
    public void Node_tests_are_tests() =>
        Assert.Single(CodeReply.ReadTests("```js\nconst test = require('node:test');\nconst assert = require('node:assert');\ntest('adds', () => { assert.equal(add(1, 2), 3); });\n```", SnippetLanguage.JavaScript).Files);

    private static string Code(string reply) => Assert.Single(CodeReply.ReadCode(reply, SnippetLanguage.Python).Files).Text;
}
