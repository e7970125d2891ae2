using System.Globalization;
using System.Text.RegularExpressions;
using EdgeCoder.Training.Corpus.Wording;

namespace EdgeCoder.Training.Corpus;

/// <summary>Writes requests that the model must refuse: other subjects, other languages, near misses and nonsense.</summary>
internal sealed partial class OutOfRangeRequests
{
    // Verbs that fit few templates: with any other template's object they ask for something that is not in the library.
    private static readonly string[] RareVerbs = ["transposes", "factorizes", "interleaves", "slugifies", "encrypts", "hashes", "compresses", "plots", "shuffles", "serializes", "draws", "memorizes", "translates", "animates", "uploads", "downloads"];

    private static readonly string[] FindingVerbs = ["finds", "computes", "returns", "calculates", "gets", "estimates", "prints", "checks", "plots", "updates"];

    private static readonly string[] Explanations =
    [
        "explain {x}", "explain how {x} works", "explain {x} to me", "how does {x} work", "why is {x} important", "describe {x} in words", "tell me about {x}", "who invented {x}", "what is the history of {x}",
        "what is the complexity of {x}", "write an essay about {x}", "write a blog post about {x}", "compare {x} with other methods", "draw a diagram of {x}", "teach a course on {x}", "what is a good book on {x}", "prove {x} correct",
    ];

    private static readonly IReadOnlyList<string> Attributes = TextResource.Lines("OutOfRange.attributes.txt");
    private static readonly IReadOnlyList<string> Objects = TextResource.Lines("OutOfRange.objects.txt");
    private static readonly IReadOnlyList<string> Verbs = TextResource.Lines("OutOfRange.verbs.txt");
    private static readonly IReadOnlyList<string> Actions = TextResource.Lines("OutOfRange.actions.txt");
    private static readonly IReadOnlyList<string> Tails = TextResource.Lines("OutOfRange.tails.txt");
    private static readonly IReadOnlyList<string> Languages = TextResource.Lines("OutOfRange.languages.txt");
    private static readonly IReadOnlyList<string> Requests = TextResource.Lines("OutOfRange.requests.txt");
    private static readonly string[] Words = string.Join(' ', TextResource.Lines("OutOfRange.words.txt")).Split(' ');

    private readonly RequestWriter _writer = new(WordingSet.Training);
    private readonly IReadOnlyList<Template> _templates = TemplateLibrary.All;

    /// <summary>One request.</summary>
    public string Next(string language, Random random) => random.Next(100) switch
    {
        < 17 => Worded($"{Pick(Verbs, random)} {Pick(Objects, random)}", language, random),
        < 22 => Worded($"{Pick(FindingVerbs, random)} {Pick(Attributes, random)} {Pick(Objects, random)}", language, random),
        < 39 => Worded(Pick(Actions, random), language, random),
        < 49 => Worded(_writer.ThirdPerson(AnySaying(random), random) + " " + Pick(Tails, random), language, random),
        < 60 => NearMiss(language, random),
        < 69 => OtherLanguage(random),
        < 86 => Whole(language, random),
        < 90 => Worded($"{Pick(RareVerbs, random)} {Object(AnySaying(random, SayingForm.Verb).Text)}", language, random),
        < 93 => Explain(random),
        < 95 => OtherNumber(language, random),
        < 97 => Long(language, random),
        _ => Nonsense(random),
    };

    private string Worded(string third, string language, Random random) => _writer.Write(new Saying(SayingForm.Verb, third), language, null, random);

    // An ordinary request about a thing that is not ordinary: "reverses a linked list", "finds the longest word in a log file".
    private string NearMiss(string language, Random random)
    {
        while (true)
        {
            var third = _writer.ThirdPerson(AnySaying(random), random);
            var things = OrdinaryThing().Matches(third);
            if (things.Count > 0)
            {
                var thing = things[random.Next(things.Count)];
                return Worded(third[..thing.Index] + Pick(Objects, random) + third[(thing.Index + thing.Length)..], language, random);
            }
        }
    }

    private string Explain(Random random)
    {
        var saying = AnySaying(random, random.Next(2) == 0 ? SayingForm.Title : SayingForm.Noun);
        return Pick(Explanations, random).Replace("{x}", saying.Text, StringComparison.Ordinal);
    }

    private string OtherLanguage(Random random)
    {
        var other = Pick(Languages, random);
        var text = _writer.Write(random.Next(4) == 0 ? AnySaying(random, SayingForm.Title) : AnySaying(random), other, null, random);
        return text.Contains(other, StringComparison.OrdinalIgnoreCase) ? text : $"{text.TrimEnd('.', '?', '!')} in {other}";
    }

    private string Whole(string language, Random random)
    {
        var text = Pick(Requests, random);
        return random.Next(6) switch
        {
            0 => $"{text} in {language}",
            1 => char.ToUpperInvariant(text[0]) + text[1..] + ".",
            2 => "please " + text,
            3 when text.Split(' ').Length <= 3 => _writer.Write(new Saying(SayingForm.Title, text), language, null, random),
            _ => text,
        };
    }

    private string OtherNumber(string language, Random random)
    {
        var numbered = _templates.Where(template => template.HasNumber).ToList();
        var sayings = numbered[random.Next(numbered.Count)].Sayings.Where(saying => saying.Text.Contains("$k", StringComparison.Ordinal)).ToList();
        var number = random.Next(3) == 0 ? random.Next(100, 2000) : random.Next(11, 100);
        var saying = sayings[random.Next(sayings.Count)];
        return _writer.Write(saying with { Text = saying.Text.Replace("$k", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal) }, language, null, random);
    }

    // Up to the whole context: a text of many sentences is no request for one small function.
    private string Long(string language, Random random) => string.Join(' ', Enumerable.Range(0, random.Next(3, 20)).Select(_ => random.Next(3) switch
    {
        0 => _writer.Write(AnySaying(random), language, null, random),
        1 => Whole(language, random),
        _ => Worded(Pick(Actions, random), language, random),
    } + (random.Next(2) == 0 ? "." : ",")));

    private static string Nonsense(Random random) => random.Next(3) switch
    {
        0 => string.Join(' ', Enumerable.Range(0, random.Next(1, 4)).Select(_ => string.Concat(Enumerable.Range(0, random.Next(2, 9)).Select(_ => (char)('a' + random.Next(26)))))),
        _ => string.Join(' ', Enumerable.Range(0, random.Next(2, 9)).Select(_ => Words[random.Next(Words.Length)])),
    };

    private Saying AnySaying(Random random, SayingForm? form = null)
    {
        while (true)
        {
            var template = _templates[random.Next(_templates.Count)];
            var saying = template.Sayings[random.Next(template.Sayings.Count)];
            if (form is null ? saying.Form != SayingForm.Title : saying.Form == form)
            {
                return saying with { Text = SayingNumbers.Fill(saying.Text, TemplateLibrary.Numbers[random.Next(TemplateLibrary.Numbers.Count)], random) };
            }
        }
    }

    [GeneratedRegex(@"\b(a|an|two|one|another) (list of lists|list of numbers|list of strings|list of words|list of dictionaries|sorted list|list|string|dictionaries|dictionary|number|matrix|sentence|text|word|lists|strings|numbers|words)\b")]
    private static partial Regex OrdinaryThing();

    private static string Object(string verbPhrase) => verbPhrase[(verbPhrase.IndexOf(' ', StringComparison.Ordinal) + 1)..];

    private static string Pick(IReadOnlyList<string> options, Random random) => options[random.Next(options.Count)];
}
