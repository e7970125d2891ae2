using EdgeCoder.Inference.Demonstration;
using EdgeCoder.Inference.Local;
using EdgeCoder.TestKit.Chat;
using Microsoft.Extensions.AI;

namespace EdgeCoder.Training.Tests.Shipped;

public sealed class DemonstrationChatClientTests
{
    private const string Answer = "```python\ndef f(x):\n    return x\n```";

    [Fact]
    public async Task Sure_answer_passes_unchanged()
    {
        var response = await AskAsync(Sure(-0.01));
        Assert.Equal(Answer, response.Text);
        Assert.False(response.AdditionalProperties!.ContainsKey(DemonstrationModel.RefusalProperty));
    }

    [Fact]
    public async Task Guess_becomes_the_refusal_and_is_marked()
    {
        var response = await AskAsync(Sure(-2));
        Assert.Equal(DemonstrationModel.Refusal, response.Text);
        Assert.Equal(DemonstrationModel.RefusalValue, response.AdditionalProperties![DemonstrationModel.RefusalProperty]);
    }

    [Fact]
    public async Task Refusal_in_the_models_own_words_is_marked_too()
    {
        var response = await AskAsync(Sure(-0.001) with { Text = DemonstrationModel.Refusal });
        Assert.Equal(DemonstrationModel.RefusalValue, response.AdditionalProperties![DemonstrationModel.RefusalProperty]);
    }

    [Fact]
    public async Task Answer_that_does_not_say_how_sure_it_is_counts_as_a_guess() =>
        Assert.Equal(DemonstrationModel.Refusal, (await AskAsync(Answer)).Text);

    [Fact]
    public async Task Stream_shows_nothing_of_a_guess()
    {
        using var client = new DemonstrationChatClient(new ScriptedChatClient(Sure(-2)), -0.5);
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in client.GetStreamingResponseAsync("code python: do magic", cancellationToken: TestContext.Current.CancellationToken))
        {
            updates.Add(update);
        }

        Assert.Equal(DemonstrationModel.Refusal, string.Concat(updates.Select(update => update.Text)));
        Assert.Contains(updates, update => update.AdditionalProperties?.ContainsKey(DemonstrationModel.RefusalProperty) == true);
    }

    private static ScriptedReply Sure(double worst) => new() { Text = Answer, Properties = new() { [LocalModelProperties.WorstWindowLogProbability] = worst } };

    private static async Task<ChatResponse> AskAsync(ScriptedReply reply)
    {
        using var client = new DemonstrationChatClient(new ScriptedChatClient(reply), -0.5);
        return await client.GetResponseAsync("code python: do magic", cancellationToken: TestContext.Current.CancellationToken);
    }
}
