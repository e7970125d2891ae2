using EdgeCoder.Executor;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Chat;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Agent.Tests.Snippets;

/// <summary>The one-line form of the demonstration model.</summary>
public sealed class DemonstrationTests
{
    private const string Asserts = "assert merge({'a': 1}, {'b': 2}) == {'a': 1, 'b': 2}";

    [Fact]
    public async Task Prompts_are_exactly_the_lines_it_was_trained_on()
    {
        using var scenario = Demonstration("1. Merge.", ScriptedReply.Fenced(Asserts), ScriptedReply.Fenced(Scenario.Good));
        scenario.Task = scenario.Task with { Request = " write a function merge\r\nthat merges  two dictionaries " };
        var told = await scenario.RunAsync();

        Assert.Equal(SessionOutcome.Succeeded, told.Execution.Outcome);
        const string request = "write a function merge that merges two dictionaries";
        Assert.Equal([$"plan python: {request}", $"tests python: {request}", $"code python: {request}"], scenario.Client.Calls.Select(c => c.Text));
        Assert.All(scenario.Client.Calls, c => Assert.Equal(ChatRole.User, Assert.Single(c.Messages).Role));
        Assert.All(scenario.Client.Calls, c => Assert.Equal(0f, c.Options!.Temperature));
    }

    [Fact]
    public async Task JavaScript_has_its_own_word()
    {
        using var scenario = Demonstration("1. Merge.", ScriptedReply.Fenced("assert.deepEqual(merge({}, {}), {});", "javascript"), ScriptedReply.Fenced("function merge(a, b) { return {**a, **b}; }", "javascript"));
        scenario.Task = scenario.Task with { Language = SnippetLanguage.JavaScript, Request = "merge objects" };
        await scenario.RunAsync();
        Assert.Equal("plan javascript: merge objects", scenario.Client.Calls[0].Text);
    }

    [Fact]
    public async Task New_try_is_the_same_line_with_a_new_seed_and_a_temperature()
    {
        using var scenario = Demonstration("1. Merge.", ScriptedReply.Fenced(Asserts), ScriptedReply.Fenced(Scenario.Bad), ScriptedReply.Fenced(Scenario.Good));
        var told = await scenario.RunAsync();

        Assert.Equal(SessionOutcome.Succeeded, told.Execution.Outcome);
        Assert.Equal(scenario.Client.Calls[2].Text, scenario.Client.Calls[3].Text);
        Assert.NotEqual(scenario.Client.Calls[2].Options!.Seed, scenario.Client.Calls[3].Options!.Seed);
        Assert.True(scenario.Client.Calls[3].Options!.Temperature > 0);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Refusal_ends_at_once_and_names_the_ways_to_a_real_model(ScriptedReply refusal)
    {
        using var scenario = Demonstration(refusal);
        var told = await scenario.RunAsync();

        Assert.Equal(SessionOutcome.Failed, told.Execution.Outcome);
        Assert.Equal(EscalationReason.ModelLimit, told.Execution.EscalationReason);
        Assert.Equal("outside_demonstration_range", told.Error!.Code);
        Assert.Contains("edgecoder models pull qwen2.5-coder:1.5b", told.Error.Hint, StringComparison.Ordinal);
        Assert.Contains("Ollama", told.Error.Hint, StringComparison.Ordinal);
        Assert.Contains("OpenAI-compatible", told.Error.Hint, StringComparison.Ordinal);
        Assert.Single(scenario.Client.Calls);
    }

    public static TheoryData<ScriptedReply> Refusals() =>
        [ScriptedReply.DemonstrationRefusal, new ScriptedReply { Text = "This is outside the demonstration model's range.\n" }, ScriptedReply.DemonstrationRefusal with { Text = "1. Low probability." }];

    [Fact]
    public async Task Other_model_may_say_that_sentence_without_ending_the_session()
    {
        using var scenario = Scenario.WithCode("This is outside the demonstration model's range.", ScriptedReply.Fenced(Scenario.Good));
        Assert.Equal(SessionOutcome.Succeeded, (await scenario.RunAsync()).Execution.Outcome);
    }

    [Theory]
    [InlineData(256)]
    [InlineData(512)]
    public async Task Small_window_is_enough(int window)
    {
        using var scenario = Demonstration("1. Merge.", ScriptedReply.Fenced(Asserts), ScriptedReply.Fenced(Scenario.Good));
        scenario.Window = window;
        Assert.Equal(SessionOutcome.Succeeded, (await scenario.RunAsync()).Execution.Outcome);
        Assert.All(scenario.Client.Calls, c => Assert.InRange(c.Options!.MaxOutputTokens!.Value, window / 2, window));
    }

    [Fact]
    public async Task Request_that_is_too_long_for_its_window_is_refused()
    {
        using var scenario = Demonstration();
        scenario.Window = 256;
        scenario.Task = scenario.Task with { Request = new string('x', 2_000) };
        Assert.Equal("context_length_exceeded", (await scenario.RunAsync()).Error!.Code);
    }

    private static Scenario Demonstration(params IEnumerable<ScriptedReply> replies) => new(replies) { IsDemonstration = true, Window = 512 };
}
