using System.Globalization;
using System.Text;
using EdgeCoder.Inference.Demonstration;

namespace EdgeCoder.Training.Evaluation;

/// <summary>What different thresholds of the worst log-probability would do: the table from which the shipped one is chosen.</summary>
internal static class ThresholdTable
{
    private static readonly double[] Thresholds = [-0.02, -0.05, -0.1, -0.15, -0.2, -0.25, -0.3, -0.4, -0.5, -0.7, -1, -1.5];

    /// <summary>The table in Markdown.</summary>
    public static string Write(IReadOnlyList<TrialOutcome> outcomes)
    {
        var right = outcomes.Where(outcome => outcome.Trial.Problem is not null && outcome.CodeIsRight && outcome.OwnTestsPass).SelectMany(outcome => outcome.Answers).ToList();
        var wrong = outcomes.Where(outcome => outcome.Trial.Problem is not null && !outcome.CodeIsRight).Select(outcome => outcome.Answers[2]).ToList();
        var outside = outcomes.Where(outcome => outcome.Trial.Problem is null).SelectMany(outcome => outcome.Answers).ToList();
        var text = new StringBuilder("| threshold | right answers refused | wrong code refused | out-of-range answers refused |\n|---:|---:|---:|---:|\n");
        foreach (var threshold in Thresholds)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {threshold} | {Refused(right, threshold):P2} | {Refused(wrong, threshold):P1} | {Refused(outside, threshold):P1} |");
        }

        return text.AppendLine(CultureInfo.InvariantCulture, $"({right.Count}, {wrong.Count} and {outside.Count} answers)").ToString();
    }

    private static double Refused(List<Answer> answers, double threshold) => answers.Count == 0
        ? 0
        : (double)answers.Count(answer => answer.WorstLogProbability < threshold || answer.Text == DemonstrationModel.Refusal) / answers.Count;
}
