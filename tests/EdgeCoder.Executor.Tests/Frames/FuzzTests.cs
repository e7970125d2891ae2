using System.Text.Json;
using EdgeCoder.Executor.Fuzz;
using EdgeCoder.Executor.Fuzz.Targets;

namespace EdgeCoder.Executor.Tests.Frames;

/// <summary>The short form of the fuzz target; the long form is its program. Counts, not time, so that a run is the same everywhere.</summary>
public sealed class FuzzTests
{
    private const int Inputs = 10_000;

    public static TheoryData<string, int> Runs => [.. FuzzTargets.All.SelectMany(target => new[] { 1, 2 }.Select(seed => new TheoryDataRow<string, int>(target.Name, seed)))];

    [Theory]
    [MemberData(nameof(Runs))]
    public void No_input_breaks_a_rule(string target, int seed)
    {
        var failure = new FuzzRun(FuzzTargets.All.Single(one => one.Name == target), seed).Find([], Inputs);

        Assert.True(failure is null, $"{failure}\n{Convert.ToBase64String(failure?.Input ?? [])}");
    }

    // Bugs that were there before this target was: what it is for.
    [Fact]
    public void Fuzzing_finds_a_reader_that_throws_at_odd_json()
    {
        var failure = new FuzzRun(new PlantedTarget(FuzzTargets.All.Single(one => one.Name == "answer"), input =>
        {
            try
            {
                _ = JsonElement.Parse(input).GetProperty("child-pid").GetInt32();
            }
            catch (JsonException)
            {
            }
        }), seed: 1).Find([], Inputs);

        Assert.True(failure is { Fault: InvalidOperationException or KeyNotFoundException or FormatException }, $"{failure}");
    }

    [Fact]
    public void Fuzzing_finds_a_reader_that_does_not_ask_for_the_key()
    {
        var failure = new FuzzRun(new PlantedTarget(FuzzTargets.All.Single(one => one.Name == "report"), input =>
        {
            var text = System.Text.Encoding.UTF8.GetString(input);
            if (text.Contains(" end {", StringComparison.Ordinal) && !text.Contains(FuzzTargets.Key + " end {", StringComparison.Ordinal))
            {
                throw new FuzzException("ended without the key");
            }
        }), seed: 1).Find([], Inputs);

        Assert.IsType<FuzzException>(failure?.Fault);
    }

    [Fact]
    public void Same_seed_finds_the_same_input_and_the_kept_input_finds_it_at_once()
    {
        var target = new PlantedTarget(FuzzTargets.All.Single(one => one.Name == "verdict"), input =>
        {
            if (input is [_, _, 77, ..])
            {
                throw new FuzzException("planted");
            }
        });
        var first = new FuzzRun(target, seed: 5).Find([], Inputs);
        var again = new FuzzRun(target, seed: 5).Find([], Inputs);

        Assert.Equal((first!.Iteration, Convert.ToHexString(first.Input)), (again!.Iteration, Convert.ToHexString(again.Input)));
        Assert.Equal(-1, new FuzzRun(target, seed: 6).Find([first.Input], 0)!.Iteration);
    }

    /// <summary>A target with a bug in its reader.</summary>
    private sealed class PlantedTarget(FuzzTarget like, Action<byte[]> check) : FuzzTarget
    {
        public override string Name => like.Name;

        public override IReadOnlyList<byte[]> Seeds => like.Seeds;

        public override IReadOnlyList<byte[]> Words => like.Words;

        public override void Check(byte[] input) => check(input);
    }
}
