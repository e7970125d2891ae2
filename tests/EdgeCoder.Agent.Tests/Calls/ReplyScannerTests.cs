using System.Text;
using EdgeCoder.Agent.Calls;

namespace EdgeCoder.Agent.Tests.Calls;

/// <summary>R8: what is a tool call in a reply, and that nothing of one is visible.</summary>
public sealed class ReplyScannerTests
{
    private const string Read = """{"tool": "read_file", "args": {"path": "a.py"}}""";

    [Theory]
    [InlineData("I look.\n```tool_call\n{0}\n```\n", "I look.")]
    [InlineData("I look.\r\n```tool_call\r\n{0}\r\n```\r\n", "I look.")]
    [InlineData("~~~TOOL_CALL\n{0}\n~~~", "")]
    [InlineData("   ```tool_call \n   {0}\n   ```\nDone.", "Done.")]
    [InlineData("```tool_call\n{0}", "")]
    [InlineData("- ```tool_call\n  {0}\n  ```", "")]
    [InlineData("<tool_call>\n{0}\n</tool_call>", "")]
    [InlineData("So: <tool_call>{0}</tool_call>", "So:")]
    [InlineData("<tool_call>{0}</tool_call> and then", "and then")]
    [InlineData("```json\n{0}\n```", "")]
    [InlineData("```tool_call\n[{0}]\n```", "")]
    public void Call_is_found_and_not_shown(string reply, string visible)
    {
        var (calls, shown) = Whole(reply.Replace("{0}", Read, StringComparison.Ordinal));
        var call = Assert.Single(calls);
        Assert.Equal(("read_file", """{"path": "a.py"}""", null), (call.Tool, call.Arguments, call.Fault));
        Assert.Equal(visible, shown.Trim());
    }

    [Theory]
    [InlineData("""{"name": "read_file", "arguments": {"path": "a.py"}}""")]
    [InlineData("""{"name": "read_file", "arguments": "{\"path\": \"a.py\"}"}""")]
    [InlineData("""{"tool": "read_file", "args": {"path": "a.py",},}""")]
    [InlineData("""{"tool": "read_file", "args": {"path": "a.py" """)]
    public void Other_names_and_safe_faults_are_read(string call)
    {
        var found = Assert.Single(Whole($"```tool_call\n{call}\n```").Calls);
        Assert.Null(found.Fault);
        Assert.Equal("read_file", found.Tool);
        Assert.Contains("a.py", found.Arguments);
    }

    [Fact]
    public void Several_calls_keep_their_order()
    {
        var (calls, _) = Whole($"```tool_call\n{Read}\n```\nthen\n```tool_call\n{Read.Replace("a.py", "b.py", StringComparison.Ordinal)}\n{Read.Replace("a.py", "c.py", StringComparison.Ordinal)}\n```");
        Assert.Equal(["a.py", "b.py", "c.py"], calls.Select(c => c.Arguments[10..14]));
    }

    [Theory]
    [InlineData("```tool_call\nread the file a.py\n```")]
    [InlineData("```tool_call\n{\"tool\": \"read_file\", \"args\": {\"path\": \"a.py\n```")]
    [InlineData("```tool_call\n{\"path\": \"a.py\", \"limit\": 3}\n```")]
    [InlineData("<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE")]
    [InlineData("a.py\n<<<<<<< SEARCH\na\n=======\nb\n")]
    public void Malformed_call_says_what_is_expected_and_is_not_shown(string reply)
    {
        var (calls, shown) = Whole(reply);
        Assert.NotNull(Assert.Single(calls).Fault);
        Assert.Equal("", shown.Trim());
    }

    [Theory]
    [InlineData("Call it like this:\n```python\nread_file('a.py')\n```\n")]
    [InlineData("The format is ```json\n{\"tool\": \"read_file\"}\n```")]
    [InlineData("```json\n{\"tool\": \"hammer\", \"args\": {}, \"price\": 3}\n```\n")]
    [InlineData("Write `<tool_call>` before it.")]
    [InlineData("a < b and b <= c\nsrc/a.py\nis a file")]
    public void Text_that_is_no_call_is_shown_whole(string reply)
    {
        var (calls, shown) = Whole(reply);
        Assert.Empty(calls);
        Assert.Equal(reply, shown);
    }

    [Fact]
    public void Search_and_replace_blocks_are_edits_with_literal_text()
    {
        var (calls, shown) = Whole("I change two files.\n\nsrc/a.py\n<<<<<<< SEARCH\n  x = '$&'\n=======\n  x = '\\1'\n>>>>>>> REPLACE\n\n**src/b.py**\n```python\n<<<<<<< SEARCH\nold\n=======\n>>>>>>> REPLACE\n```\nDone.");
        Assert.Equal(["edit_file", "edit_file"], calls.Select(c => c.Tool));
        using var first = System.Text.Json.JsonDocument.Parse(calls[0].Arguments);
        Assert.Equal(("src/a.py", "  x = '$&'\n", "  x = '\\1'\n"), (Member("path"), Member("old_string"), Member("new_string")));
        using var second = System.Text.Json.JsonDocument.Parse(calls[1].Arguments);
        Assert.Equal("src/b.py", second.RootElement.GetProperty("path").GetString());
        Assert.Equal("I change two files.\n\n\nDone.", shown.Trim());

        string Member(string name) => first.RootElement.GetProperty(name).GetString()!;
    }

    [Fact]
    public void Empty_search_makes_a_file()
    {
        var call = Assert.Single(Whole("new.py\n<<<<<<< SEARCH\n=======\nx = 1\n>>>>>>> REPLACE").Calls);
        Assert.Equal("write_file", call.Tool);
    }

    [Fact]
    public void Several_edits_in_one_block_share_its_path()
    {
        var (calls, shown) = Whole("```python\nsrc/a.py\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n<<<<<<< SEARCH\nc\n=======\nd\n>>>>>>> REPLACE\n```\n");
        Assert.All(calls, c => Assert.Contains("src/a.py", c.Arguments));
        Assert.Equal(2, calls.Count);
        Assert.Equal("", shown.Trim());
    }

    [Fact]
    public void Plan_is_no_text()
    {
        var scanner = new ReplyScanner(_ => { });
        scanner.Feed("```plan\n1. Read.\n2. Mend.\n```\n");
        scanner.Finish();
        Assert.Equal("1. Read.\n2. Mend.\n", Assert.Single(scanner.Plans));
    }

    internal static (IReadOnlyList<RequestedCall> Calls, string Visible) Whole(string reply)
    {
        var shown = new StringBuilder();
        var scanner = new ReplyScanner(s => shown.Append(s));
        scanner.Feed(reply);
        scanner.Finish();
        return (scanner.Calls, shown.ToString());
    }
}
