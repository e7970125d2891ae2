using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Contexts;

namespace EdgeCoder.Agent.Tests.Contexts;

/// <summary>R11: what compaction keeps, and that it does not run for nothing.</summary>
public sealed class ConversationTests
{
    private static readonly string Long = string.Join('\n', Enumerable.Range(1, 200).Select(i => $"line {i}"));

    [Fact]
    public void Older_output_becomes_a_summary_with_its_handle_and_the_rest_stays_word_for_word()
    {
        var conversation = Of(5);
        Assert.True(conversation.Compact(deep: false));
        var results = conversation.Turns.OfType<ResultTurn>().ToList();
        Assert.All(results[..3], r => Assert.Contains($"handle {r.Handle}", r.Text));
        Assert.All(results[3..], r => Assert.Equal(Long, r.Text));
        Assert.Equal("the request", conversation.Turns.OfType<PromptTurn>().Single().Text);
        Assert.Equal(Long, conversation.Turns.OfType<NoteTurn>().Single().Text);
    }

    [Fact]
    public void It_is_not_repeated_before_something_new_came()
    {
        var conversation = Of(5);
        Assert.True(conversation.Compact(deep: false));
        Assert.False(conversation.Compact(deep: false));
        Exchange(conversation, 6);
        Assert.True(conversation.Compact(deep: false));
        Assert.False(conversation.Compact(deep: false));
    }

    [Fact]
    public void Deep_compaction_keeps_requests_failures_and_the_last_exchanges_and_ends()
    {
        var conversation = Of(6);
        conversation.Compact(deep: false);
        Assert.True(conversation.Compact(deep: true));
        Assert.False(conversation.Compact(deep: true));
        Assert.Equal("the request", Assert.IsType<PromptTurn>(conversation.Turns[0]).Text);
        Assert.Equal(2, conversation.Turns.OfType<ReplyTurn>().Count());
        Assert.Contains(conversation.Turns, t => t is NoteTurn { Name: "test failures" });
        var digest = string.Concat(conversation.Turns.OfType<DigestTurn>().Select(d => d.Text));
        Assert.All(["r1", "r2", "r3", "r4"], handle => Assert.Contains($"handle {handle})", digest));
    }

    [Fact]
    public void Calls_without_a_result_get_one()
    {
        var conversation = new Conversation();
        conversation.Add(new ReplyTurn("", [new("a", new("x", "{}")), new("b", new("y", "{}"))]));
        conversation.Add(new ResultTurn("a", "x", "done", "r1"));
        conversation.CloseCalls();
        conversation.CloseCalls();
        Assert.Equal(["a", "b"], conversation.Turns.OfType<ResultTurn>().Select(r => r.CallId));
    }

    [Fact]
    public void Nearest_rules_stand_last()
    {
        var conversation = new Conversation();
        conversation.AddRules([new("src/core/AGENTS.md", "c"), new("src/AGENTS.md", "b")]);
        conversation.AddRules([new("AGENTS.md", "a"), new("src/AGENTS.md", "again")]);
        Assert.Equal(["a", "b", "c"], conversation.Rules.Select(r => r.Text));
    }

    [Fact]
    public async Task One_result_cannot_fill_the_window()
    {
        var counts = new TokenCounts(Model());
        foreach (var text in new[] { Long, new string('x', 100_000), string.Concat(Enumerable.Repeat("𝄞", 30_000)), string.Concat(Enumerable.Repeat("a b c\n", 20_000)) })
        {
            var cut = await EntryCap.CutAsync(text, "r9", 8_192, counts, TestContext.Current.CancellationToken);
            Assert.True(await counts.OfAsync(cut, TestContext.Current.CancellationToken) <= EntryCap.Tokens(8_192));
            Assert.True(cut == text || cut.Contains("handle r9", StringComparison.Ordinal));
            Assert.DoesNotContain('\uFFFD', System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(cut)));
        }
    }

    [Fact]
    public async Task Output_is_read_again_by_its_handle()
    {
        var outputs = new KeptOutputs();
        var handle = outputs.Keep(Long);
        var tool = new ReadOutputTool(outputs);
        using var arguments = System.Text.Json.JsonDocument.Parse($$"""{"handle":"{{handle}}","offset":150,"limit":2}""");
        var result = await tool.RunAsync(new("c", arguments.RootElement, _ => { }), TestContext.Current.CancellationToken);
        Assert.Equal($"Output {handle}, lines 150 to 151 of 200:\nline 150\nline 151", result.Text);
        using var other = System.Text.Json.JsonDocument.Parse("""{"handle":"r77"}""");
        await Assert.ThrowsAsync<EdgeCoder.Agent.Tools.ToolException>(() => tool.RunAsync(new("c", other.RootElement, _ => { }), TestContext.Current.CancellationToken));
    }

    private static Conversation Of(int exchanges)
    {
        var conversation = new Conversation();
        conversation.Add(new PromptTurn("the request", "the map"));
        for (var i = 1; i <= exchanges; i++)
        {
            Exchange(conversation, i);
            if (i == 2)
            {
                conversation.Add(new NoteTurn("test failures", Long));
            }
        }

        return conversation;
    }

    private static void Exchange(Conversation conversation, int number)
    {
        conversation.Add(new ReplyTurn($"I read {number}.", [new($"c{number}", new RequestedCall("read_file", "{}"))]));
        conversation.Add(new ResultTurn($"c{number}", "read_file", Long, $"r{number}"));
    }

    private static AgentModel Model() => new()
    {
        Client = new EdgeCoder.TestKit.Chat.ScriptedChatClient(),
        Identity = new() { Id = "m", Provider = "p", Digest = "d" },
        Window = 8_192,
        // Rare characters cost more, as in real tokenizers.
        CountTokens = (text, _) => ValueTask.FromResult((text.Length + 3) / 4 + text.Count(char.IsSurrogate)),
        OnThisMachine = true,
    };
}
