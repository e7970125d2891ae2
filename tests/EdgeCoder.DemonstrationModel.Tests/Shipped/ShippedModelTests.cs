using System.Globalization;
using System.Security.Cryptography;
using EdgeCoder.Inference.Demonstration;
using EdgeCoder.Training.Corpus;
using EdgeCoder.Training.Corpus.Wording;
using EdgeCoder.Training.Evaluation;
using EdgeCoder.Training.Tests.Corpus;

namespace EdgeCoder.Training.Tests.Shipped;

/// <summary>The file in the repository, in the product's engine, on requests that its training text does not have.</summary>
public sealed class ShippedModelTests
{
    private const int Seed = 90_210;

    // Floors just below what the shipped file reaches (see evaluation.md): they notice a worse file, they are no goals.

    [Fact]
    public void File_is_small_and_is_the_one_whose_hash_is_written_down()
    {
        var bytes = File.ReadAllBytes(DemonstrationModel.FilePath);
        Assert.True(bytes.Length <= 1_500_000, $"{bytes.Length} bytes");
        Assert.Equal(DemonstrationModel.Sha256, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        var beside = File.ReadAllText(DemonstrationModel.FilePath + ".sha256");
        Assert.Equal($"{DemonstrationModel.Sha256}  edgecoder-demo.gguf", beside.Trim());
    }

    [Theory]
    [InlineData("Python", "Training", 80, 0.9)]
    [InlineData("Python", "HeldOut", 80, 0.55)]
    [InlineData("JavaScript", "Training", 40, 0.6)]
    public async Task Fresh_requests_get_code_that_passes_the_reference_asserts_and_its_own(string language, string wording, int count, double least)
    {
        var outcomes = await RunAsync(TrialSets.Fresh(References.Answers, Enum.Parse<WordingSet>(wording), Enum.Parse<Language>(language), count, Seed));
        var right = outcomes.Count(outcome => outcome is { CodeIsRight: true, OwnTestsPass: true, TestsBite: true, Refusals: 0 });
        Assert.True(right >= least * count, Failures(outcomes, outcome => !outcome.CodeIsRight || !outcome.OwnTestsPass || outcome.Refusals > 0));
    }

    [Fact]
    public async Task Requests_written_by_hand_get_right_answers()
    {
        var outcomes = await RunAsync(TrialSets.Handwritten(Language.Python));
        var right = outcomes.Count(outcome => outcome is { CodeIsRight: true, OwnTestsPass: true, Refusals: 0 });
        Assert.True(right >= 0.93 * outcomes.Count, Failures(outcomes, outcome => !outcome.CodeIsRight || !outcome.OwnTestsPass || outcome.Refusals > 0));
    }

    [Fact]
    public async Task Requests_out_of_range_are_refused()
    {
        var outcomes = await RunAsync([.. TrialSets.OutOfRange(Language.Python), .. TrialSets.FreshOutOfRange(Language.JavaScript, 60, Seed)]);
        var refused = outcomes.Sum(outcome => outcome.Refusals) / (3.0 * outcomes.Count);
        Assert.True(refused >= 0.9, Failures(outcomes, outcome => outcome.Refusals < 3));
    }

    private static async Task<IReadOnlyList<TrialOutcome>> RunAsync(IReadOnlyList<Trial> trials)
    {
        using var model = new ModelUnderTest(DemonstrationModel.FilePath);
        return await new TrialRunner(model, References.Answers, DemonstrationModel.LeastLogProbability).RunAsync(trials, TestContext.Current.CancellationToken);
    }

    private static string Failures(IReadOnlyList<TrialOutcome> outcomes, Func<TrialOutcome, bool> failed) =>
        string.Create(CultureInfo.InvariantCulture, $"{outcomes.Count(failed)} of {outcomes.Count}: ") + string.Join("; ", outcomes.Where(failed).Select(outcome => outcome.Trial.Request));
}
