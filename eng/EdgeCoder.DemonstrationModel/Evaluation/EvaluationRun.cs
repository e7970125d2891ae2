using System.Globalization;
using System.Security.Cryptography;
using EdgeCoder.Training.Corpus;
using EdgeCoder.Training.Corpus.Wording;

namespace EdgeCoder.Training.Evaluation;

/// <summary>Asks all sets, prints the failures on request, and gives the report.</summary>
internal static class EvaluationRun
{
    /// <summary>Seed of the fresh sets; training uses another.</summary>
    public const int Seed = 7_001;

    /// <summary>Runs the evaluation and gives its report in Markdown.</summary>
    public static async Task<string> RunAsync(string modelPath, double threshold, int count, bool showFailures, TextWriter log, CancellationToken cancellationToken)
    {
        using var model = new ModelUnderTest(modelPath);
        var answers = new AnswerText(ReferenceResults.Compute(TemplateLibrary.Problems));
        var runner = new TrialRunner(model, answers, threshold);
        var figures = new List<SetFigures>();
        var all = new List<TrialOutcome>();
        foreach (var language in (Language[])[Language.Python, Language.JavaScript])
        {
            foreach (var (name, trials) in ((string, IReadOnlyList<Trial>)[])
            [
                ("fresh requests", TrialSets.Fresh(answers, WordingSet.Training, language, count, Seed)),
                ("unseen openings and endings", TrialSets.Fresh(answers, WordingSet.HeldOut, language, count, Seed)),
                ("written by hand", TrialSets.Handwritten(language)),
                ("to refuse, fresh", TrialSets.FreshOutOfRange(language, count, Seed)),
                ("to refuse, written by hand", TrialSets.OutOfRange(language)),
            ])
            {
                var outcomes = await runner.RunAsync(trials, cancellationToken);
                figures.Add(SetFigures.Of(name, outcomes));
                all.AddRange(outcomes);
                if (showFailures)
                {
                    foreach (var outcome in outcomes.Where(Failed))
                    {
                        log.WriteLine($"-- {name}: {outcome.Trial.Request} [{outcome.Trial.Problem?.Template.Name}] refusals {outcome.Refusals}");
                        foreach (var answer in outcome.Answers)
                        {
                            log.WriteLine($"   {answer.MeanLogProbability:F3} {answer.WorstLogProbability:F3} {answer.Text.ReplaceLineEndings(" / ")}");
                        }
                    }
                }
            }
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(modelPath, cancellationToken)));
        return $"""
            # Evaluation of the demonstration model

            File with SHA-256 `{hash}`, {new FileInfo(modelPath).Length} bytes. Seed of the fresh sets: {Seed}. Threshold: {threshold.ToString(CultureInfo.InvariantCulture)}.
            A request counts as right only when none of its three answers was refused and its code passed.

            {SetFigures.Table(figures)}
            ## What other thresholds would do

            {ThresholdTable.Write(all)}
            """.ReplaceLineEndings("\n");
    }

    private static bool Failed(TrialOutcome outcome) => outcome.Trial.Problem is null
        ? outcome.Refusals < 3
        : !outcome.CodeIsRight || !outcome.OwnTestsPass || outcome.Refusals > 0;
}
