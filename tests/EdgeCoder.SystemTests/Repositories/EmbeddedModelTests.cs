using EdgeCoder.Inference.Tests.Llama;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Processes;
using EdgeCoder.TestKit.Repositories;

namespace EdgeCoder.SystemTests.Repositories;

/// <summary>
/// Repository work with the embedded engine: real llama.cpp, a real GGUF file with a window of 16,384 tokens, calls held to the schema by its grammar. The weights
/// are random, so what it says is nonsense; that it ends as an outcome, and that nothing of it reaches the person, is what is tested.
/// </summary>
public sealed class EmbeddedModelTests
{
    [Fact]
    public async Task Nonsense_of_the_embedded_model_ends_as_an_outcome_and_touches_nothing()
    {
        using var run = new EdgeCoderRun();
        using var project = SampleRepositories.PythonDates();
        var file = new SyntheticModel { Context = 16_384 }.Save(Path.Combine(run.Directory, "nonsense.gguf"));
        var added = await run.ToEndAsync("models", "add", "nonsense", file);
        Assert.True(added.ExitCode == 0, added.ToString());

        var result = await run.InAsync(project.Root, "", "run", "make parse_date accept ISO week dates", "--trust", "--approve-tests", "--model", "edgecoder-local/nonsense", "--max-steps", "2", "--seed", "3", "--json");

        var events = RepositoryStage.Events(result.Output);
        var done = Assert.IsType<DoneEvent>(events[^1]);
        Assert.NotEqual(SessionOutcome.Succeeded, done.Outcome);
        Assert.True(done.Execution.Usage.ModelCalls is > 0 and <= 2, result.ToString());
        Assert.Equal(("edgecoder-local", "this-machine"), (done.Execution.Model!.Provider, done.Execution.RanOn.Kind));
        Assert.NotNull(done.Execution.OutcomeMessage);
        Assert.Equal("", project.Git("status", "--porcelain"));
    }

    [Fact]
    public async Task Demonstration_model_says_that_its_window_is_too_small()
    {
        using var run = new EdgeCoderRun();
        using var project = SampleRepositories.PythonDates();

        var result = await run.InAsync(project.Root, "", "run", "make parse_date accept ISO week dates", "--trust", "--json");

        Assert.Equal(1, result.ExitCode);
        var fault = Assert.Single(RepositoryStage.Events(result.Output).OfType<ErrorEvent>());
        Assert.Equal("window_too_small", fault.Code);
        Assert.Contains("8,192", fault.Message);
        Assert.Equal("", project.Git("status", "--porcelain"));
    }
}
