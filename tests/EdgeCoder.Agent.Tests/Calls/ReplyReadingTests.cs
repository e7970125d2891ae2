using EdgeCoder.Agent.Calls;

namespace EdgeCoder.Agent.Tests.Calls;

/// <summary>R8, L4: which part of a reply can be a call.</summary>
public sealed class ReplyReadingTests
{
    private const string Call = "```tool_call\n{\"tool\": \"write_file\", \"args\": {\"path\": \"x\", \"content\": \"y\"}}\n```\n";

    [Theory]
    [InlineData("<think>\n" + Call + "</think>\nI thought about it.")]
    [InlineData("<THINKING>" + Call + "</THINKING> I thought about it.")]
    [InlineData("I should call\n" + Call + "</think>\nI thought about it.")]
    [InlineData("I thought about it.\n<reasoning>\n" + Call)]
    public void Call_inside_thinking_is_none(string reply)
    {
        var reading = ReplyReading.Of(Reply(reply), CallForm.Text);
        Assert.Empty(reading.Calls);
        Assert.Equal("I thought about it.", reading.Statement);
    }

    [Fact]
    public void Native_calls_win_over_their_repetition_in_the_text()
    {
        var reading = ReplyReading.Of(Reply(Call) with { Calls = [new("read_file", "{}")] }, CallForm.Native);
        Assert.Equal("read_file", Assert.Single(reading.Calls).Tool);
        Assert.Equal("", reading.Statement);
    }

    [Fact]
    public void Text_call_of_a_native_model_is_done_too() => Assert.Equal("write_file", Assert.Single(ReplyReading.Of(Reply(Call), CallForm.Native).Calls).Tool);

    [Theory]
    [InlineData("""{"tool": "read_file", "args": {"path": "a"}}""", "read_file", "")]
    [InlineData("""{"final": "All done."}""", null, "All done.")]
    public void Json_form_is_a_call_or_a_statement(string reply, string? tool, string statement)
    {
        var reading = ReplyReading.Of(Reply(reply), CallForm.Json);
        Assert.Equal(tool, reading.Calls.SingleOrDefault()?.Tool);
        Assert.Equal(statement, reading.Statement);
    }

    [Fact]
    public void Broken_json_goes_back_with_the_place_of_the_fault()
    {
        var call = Assert.Single(ReplyReading.Of(Reply("""{"tool": "read_file", "args": {"path": """), CallForm.Json).Calls);
        Assert.Contains("line 1", call.Fault);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    [InlineData("<think>hm</think>")]
    public void Nothing_is_empty(string reply) => Assert.True(ReplyReading.Of(Reply(reply), CallForm.Text).IsEmpty);

    private static ModelReply Reply(string text) => new() { Text = text, End = ReplyEnd.Complete, PromptTokens = 1, CompletionTokens = 1 };
}
