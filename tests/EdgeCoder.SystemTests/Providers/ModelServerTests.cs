using EdgeCoder.TestKit.Models;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.SystemTests.Providers;

/// <summary><c>edgecoder run</c> with the model of a server on this machine.</summary>
public sealed class ModelServerTests : IDisposable
{
    private const string Request = "write a function that reverses the words of a sentence";
    private readonly EdgeCoderRun _edgecoder = new();

    public void Dispose() => _edgecoder.Dispose();

    [Fact]
    public async Task Server_that_is_gone_in_mid_stream_ends_the_run_with_its_reason_and_without_success()
    {
        var model = new ScriptedModel { Id = "m" };
        model.Answer = prompt =>
        {
            if (!prompt.Contains("reverses the words", StringComparison.Ordinal))
            {
                return NeedleReader.Answer(prompt);
            }

            model.Fault = new() { CutAfterPieces = 2 };
            return "def reverse_words(sentence): return sentence";
        };
        await using var server = await ScriptedOllama.StartAsync(model);
        _edgecoder.Environment["OLLAMA_HOST"] = server.Address.ToString();

        var run = await _edgecoder.ToEndAsync("run", Request);

        Assert.True(run.ExitCode != 0, run.ToString());

        // What the connection's reset leaves of the answer decides which of the two it is.
        Assert.Matches("cut off|cannot be reached", run.Output + run.Error);
    }

    [Fact]
    public async Task Server_that_cuts_prompts_is_refused_before_any_work()
    {
        await using var server = await ScriptedOllama.StartAsync(new ScriptedModel { Id = "m", Window = 2048, Cut = PromptCut.LosesHead });
        _edgecoder.Environment["OLLAMA_HOST"] = server.Address.ToString();

        var run = await _edgecoder.ToEndAsync("run", Request);

        Assert.True(run.ExitCode == 1, run.ToString());
        Assert.Contains("whole", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Requests, request => request.Body.ToString().Contains("reverses the words", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Named_model_that_is_not_there_is_not_replaced_by_the_demonstration_model()
    {
        var run = await _edgecoder.ToEndAsync("run", Request, "--model", "no-such-model");

        Assert.True(run.ExitCode == 1, run.ToString());
        Assert.Contains("no-such-model", run.Error, StringComparison.Ordinal);
    }
}
