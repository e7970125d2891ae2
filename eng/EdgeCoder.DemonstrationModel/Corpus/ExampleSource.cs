using EdgeCoder.Inference.Demonstration;
using EdgeCoder.Training.Corpus.Wording;

namespace EdgeCoder.Training.Corpus;

/// <summary>An endless, seeded stream of examples: the same seed gives the same text on every machine.</summary>
internal sealed class ExampleSource
{
    private readonly AnswerText _answers;
    private readonly RequestWriter _writer;
    private readonly OutOfRangeRequests _outOfRange = new();
    private readonly Random _random;
    private readonly ExampleMix _mix;
    private readonly List<Problem>[] _problems, _inJavaScript, _onlyPython;
    private readonly IReadOnlySet<string> _kept;

    /// <summary>Starts the stream.</summary>
    /// <param name="answers">Writes the answers.</param>
    /// <param name="set">Wordings to use.</param>
    /// <param name="mix">How often each sort of example comes.</param>
    /// <param name="seed">Seed.</param>
    /// <param name="keptBack">Requests that must not occur, in lower case: those that the evaluation asks.</param>
    public ExampleSource(AnswerText answers, WordingSet set, ExampleMix mix, int seed, IReadOnlySet<string> keptBack)
    {
        (_answers, _writer, _mix, _random, _kept) = (answers, new RequestWriter(set), mix, new Random(seed), keptBack);
        var templates = TemplateLibrary.All.Take(mix.Templates).ToHashSet();
        _problems = [.. TemplateLibrary.Problems.Where(problem => templates.Contains(problem.Template)).GroupBy(problem => problem.Template).Select(group => group.ToList())];
        _inJavaScript = [.. _problems.Where(group => TemplateLibrary.InJavaScript.Contains(group[0].Template.Name))];
        _onlyPython = [.. _problems.Where(group => !TemplateLibrary.InJavaScript.Contains(group[0].Template.Name))];
    }

    /// <summary>The next example.</summary>
    public Example Next()
    {
        while (true)
        {
            var example = Draw();
            if (!_kept.Contains(Bare(example.Request)))
            {
                return example;
            }
        }
    }

    /// <summary>The request without kind, language, case and end mark.</summary>
    public static string Bare(string request) => request[(request.IndexOf(": ", StringComparison.Ordinal) + 2)..].TrimEnd('.', '!', '?').ToLowerInvariant();

    private Example Draw()
    {
        var language = _random.NextDouble() < _mix.JavaScript ? Language.JavaScript : Language.Python;
        var kind = (AnswerKind)_random.Next(3);
        var said = language == Language.Python ? "Python" : _random.Next(4) == 0 ? "JS" : "JavaScript";
        var head = $"{kind.ToString().ToLowerInvariant()} {language.ToString().ToLowerInvariant()}: ";
        if (_random.NextDouble() < _mix.Refusals)
        {
            return new Example { Request = head + _outOfRange.Next(said, _random), Answer = DemonstrationModel.Refusal, Kind = kind, Language = language };
        }

        // In JavaScript, mostly the templates that are known there; the others now and then, to be refused.
        var known = language == Language.Python || _random.Next(8) > 0;
        var groups = language == Language.Python ? _problems : known ? _inJavaScript : _onlyPython;
        var group = groups[_random.Next(groups.Length)];
        var problem = group[_random.Next(group.Count)];
        var saying = problem.Template.Sayings[_random.Next(problem.Template.Sayings.Count)];
        saying = saying with { Text = SayingNumbers.Fill(saying.Text, problem.Number, _random) };
        if (!known)
        {
            return new Example { Request = head + _writer.Write(saying, said, null, _random), Answer = DemonstrationModel.Refusal, Kind = kind, Language = language };
        }

        var given = _random.NextDouble() < _mix.GivenNames ? Names.Pick(_random, language) : null;
        var name = given ?? problem.DefaultName(language);
        return new Example
        {
            Request = head + _writer.Write(saying, said, given, _random),
            Answer = _answers.Write(problem, kind, language, name),
            Kind = kind,
            Language = language,
            Problem = problem,
            Name = name,
        };
    }
}
