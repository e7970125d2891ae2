using CsCheck;
using EdgeCoder.Inference.Llama.Sampling;

namespace EdgeCoder.Inference.Tests.Llama.Sampling;

public sealed class LogProbabilitiesTests
{
    [Fact]
    public void No_token_has_no_doubt()
    {
        var none = new LogProbabilities();
        Assert.Equal((0, 0, 0), (none.Count, none.Mean, none.WorstWindow));
    }

    [Fact]
    public void Mean_and_worst_stretch_are_those_of_the_definition() =>
        Gen.Double[-20, 0].Array[1, 60].Sample(values =>
        {
            var all = new LogProbabilities();
            Array.ForEach(values, all.Add);
            var worst = values.Length < LogProbabilities.Window
                ? values.Average()
                : Enumerable.Range(0, values.Length - LogProbabilities.Window + 1).Min(i => values.AsSpan(i, LogProbabilities.Window).ToArray().Average());
            return Math.Abs(all.Mean - values.Average()) < 1e-9 && Math.Abs(all.WorstWindow - worst) < 1e-9;
        });

    [Fact]
    public void Probabilities_of_all_tokens_sum_to_one() =>
        Gen.Float[-80, 80].Array[1, 300].Sample(logits =>
        {
            var normalizer = LogProbabilities.Normalizer(logits, new float[logits.Length]);
            return Math.Abs(logits.Sum(logit => Math.Exp(logit - normalizer)) - 1) < 1e-3;
        });
}
