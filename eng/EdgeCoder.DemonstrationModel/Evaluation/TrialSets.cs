using System.Globalization;
using System.Text.RegularExpressions;
using EdgeCoder.Training.Corpus;
using EdgeCoder.Training.Corpus.Wording;

namespace EdgeCoder.Training.Evaluation;

/// <summary>The sets of requests that the evaluation asks.</summary>
internal static partial class TrialSets
{
    /// <summary>Seeded fresh requests: the wordings' grammar with another seed than training's.</summary>
    public static IReadOnlyList<Trial> Fresh(AnswerText answers, WordingSet set, Language language, int count, int seed)
    {
        var mix = new ExampleMix { Refusals = 0, JavaScript = language == Language.JavaScript ? 1 : 0 };
        var source = new ExampleSource(answers, set, mix, seed, HeldOutRequests.All);
        var trials = new List<Trial>();
        while (trials.Count < count)
        {
            var example = source.Next();
            if (example.Problem is not null)
            {
                trials.Add(new Trial { Request = example.Request[(example.Request.IndexOf(": ", StringComparison.Ordinal) + 2)..], Language = language, Problem = example.Problem, Name = example.Name });
            }
        }

        return trials;
    }

    /// <summary>Requests written by hand.</summary>
    public static IReadOnlyList<Trial> Handwritten(Language language) =>
    [
        .. HeldOutRequests.InRange.Select(entry =>
        {
            var number = Number().Match(entry.Request) is { Success: true } match ? int.Parse(match.Value, CultureInfo.InvariantCulture) : 0;
            var problem = TemplateLibrary.Problems.First(problem => problem.Template.Name == entry.Template && (problem.Number == 0 || problem.Number == number));
            return new Trial { Request = entry.Request, Language = language, Problem = problem, Name = problem.DefaultName(language) };
        }),
    ];

    /// <summary>Requests written by hand that the model must refuse.</summary>
    public static IReadOnlyList<Trial> OutOfRange(Language language) => [.. HeldOutRequests.OutOfRange.Select(request => new Trial { Request = request, Language = language })];

    /// <summary>Requests to refuse from the corpus's own grammar, with another seed.</summary>
    public static IReadOnlyList<Trial> FreshOutOfRange(Language language, int count, int seed)
    {
        var (random, requests) = (new Random(seed), new OutOfRangeRequests());
        return [.. Enumerable.Range(0, count).Select(_ => new Trial { Request = requests.Next(language.ToString(), random), Language = language })];
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();
}
