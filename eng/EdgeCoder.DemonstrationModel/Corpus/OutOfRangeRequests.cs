using System.Globalization;
using EdgeCoder.Training.Corpus.Wording;

namespace EdgeCoder.Training.Corpus;

/// <summary>Writes requests that the model must refuse: other subjects, other languages, near misses and nonsense.</summary>
internal sealed class OutOfRangeRequests
{
    // Verbs that fit few templates: with any other template's object they ask for something that is not in the library.
    private static readonly string[] RareVerbs = ["transposes", "factorizes", "interleaves", "slugifies", "encrypts", "hashes", "compresses", "plots", "shuffles", "serializes", "draws", "memorizes", "translates", "animates", "uploads", "downloads"];

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
        < 22 => Worded($"{Pick(Verbs, random)} {Pick(Objects, random)}", language, random),
        < 42 => Worded(Pick(Actions, random), language, random),
        < 55 => Worded(_writer.ThirdPerson(AnySaying(random), random) + " " + Pick(Tails, random), language, random),
        < 59 => Worded(_writer.ThirdPerson(AnySaying(random), random) + " and " + _writer.ThirdPerson(AnySaying(random), random), language, random),
        < 67 => OtherLanguage(random),
        < 83 => Whole(language, random),
        < 89 => Worded($"{Pick(RareVerbs, random)} {Object(AnySaying(random, SayingForm.Verb).Text)}", language, random),
        < 94 => OtherNumber(language, random),
        < 96 => Long(language, random),
        _ => Nonsense(random),
    };

    private string Worded(string third, string language, Random random) => _writer.Write(new Saying(SayingForm.Verb, third), language, null, random);

    private string OtherLanguage(Random random)
    {
        var other = Pick(Languages, random);
        var text = _writer.Write(AnySaying(random), other, null, random);
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

    private static string Object(string verbPhrase) => verbPhrase[(verbPhrase.IndexOf(' ', StringComparison.Ordinal) + 1)..];

    private static string Pick(IReadOnlyList<string> options, Random random) => options[random.Next(options.Count)];
}
