using System.Globalization;
using System.Text;
using EdgeCoder.Inference.Demonstration;
using EdgeCoder.Training.Corpus;

namespace EdgeCoder.Training.Evaluation;

/// <summary>Figures of one set of trials.</summary>
internal sealed record SetFigures
{
    /// <summary>Name of the set.</summary>
    public required string Set { get; init; }

    /// <summary>Language asked for.</summary>
    public required Language Language { get; init; }

    /// <summary>Number of requests; each is asked three times, for plan, tests and code.</summary>
    public required int Requests { get; init; }

    /// <summary>Share whose code passes the reference asserts and was not refused. Requests to refuse: 0.</summary>
    public required double CodeIsRight { get; init; }

    /// <summary>Share whose code passes the model's own asserts, which in turn fail without it.</summary>
    public required double OwnTestsPass { get; init; }

    /// <summary>Share of answers, of all three kinds, that are the refusal.</summary>
    public required double Refused { get; init; }

    /// <summary>Share of answers that are the refusal in the model's own words, before the threshold.</summary>
    public required double RefusedByModel { get; init; }

    /// <summary>Adds a set up.</summary>
    public static SetFigures Of(string set, IReadOnlyList<TrialOutcome> outcomes) => new()
    {
        Set = set,
        Language = outcomes[0].Trial.Language,
        Requests = outcomes.Count,
        CodeIsRight = Share(outcomes, outcome => outcome.CodeIsRight && outcome.Refusals == 0),
        OwnTestsPass = Share(outcomes, outcome => outcome.OwnTestsPass && outcome.TestsBite && outcome.Refusals == 0),
        Refused = outcomes.Average(outcome => outcome.Refusals / 3.0),
        RefusedByModel = outcomes.Average(outcome => outcome.Answers.Count(answer => answer.Text == DemonstrationModel.Refusal) / 3.0),
    };

    /// <summary>The figures as a table in Markdown.</summary>
    public static string Table(IEnumerable<SetFigures> figures)
    {
        var text = new StringBuilder("| set | language | requests | code passes reference asserts | code passes the model's own asserts | answers refused | of them by the model itself |\n|---|---|---:|---:|---:|---:|---:|\n");
        foreach (var set in figures)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {set.Set} | {set.Language} | {set.Requests} | {set.CodeIsRight:P1} | {set.OwnTestsPass:P1} | {set.Refused:P1} | {set.RefusedByModel:P1} |");
        }

        return text.ToString();
    }

    private static double Share(IReadOnlyList<TrialOutcome> outcomes, Func<TrialOutcome, bool> holds) => (double)outcomes.Count(holds) / outcomes.Count;
}
