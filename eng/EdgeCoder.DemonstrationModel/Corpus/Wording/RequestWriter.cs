using System.Globalization;

namespace EdgeCoder.Training.Corpus.Wording;

/// <summary>Writes requests the way people type them: orders, questions, short titles, with and without politeness and language.</summary>
internal sealed class RequestWriter(WordingSet set)
{
    private readonly Parts _parts = set == WordingSet.Training ? Parts.Training : Parts.HeldOut;

    /// <summary>A request for a function with this purpose.</summary>
    /// <param name="saying">Purpose, with its number already written in.</param>
    /// <param name="language">Language the request may mention.</param>
    /// <param name="name">Function name the request asks for, or null.</param>
    /// <param name="random">Source of chance.</param>
    public string Write(Saying saying, string language, string? name, Random random)
    {
        var text = saying.Form == SayingForm.Title
            ? Title(saying.Text, language, random)
            : Phrase(saying, language, random);
        text = name is null ? text : Pick(_parts.NamePlaces, random).Replace("{text}", Stop(text), StringComparison.Ordinal).Replace("{name}", name, StringComparison.Ordinal);
        text = Casing(text, name, random);
        return text;
    }

    /// <summary>A purpose as a verb phrase in the third person.</summary>
    public string ThirdPerson(Saying saying, Random random) => saying.Form switch
    {
        SayingForm.Noun => Pick(_parts.NounVerbs, random) + " " + saying.Text,
        SayingForm.Question => Pick(_parts.QuestionVerbs, random) + " " + saying.Text,
        _ => saying.Text,
    };

    private string Phrase(Saying saying, string language, Random random)
    {
        if (saying.Form == SayingForm.Noun && random.Next(12) == 0)
        {
            return Fill(Pick(_parts.BareNouns, random), Synonyms.Apply(saying.Text, random), language, random);
        }

        var third = Synonyms.Apply(ThirdPerson(saying, random), random);
        var shape = random.Next(100);
        return shape switch
        {
            < 45 => Fill(Pick(_parts.That, random), third, language, random),
            < 60 => Fill(Pick(_parts.To, random), VerbForms.Base(third), language, random),
            < 65 => Fill(Pick(_parts.For, random), VerbForms.Gerund(third), language, random),
            < 72 => Fill(Pick(_parts.Bare, random), third, language, random),
            _ => Fill(Pick(_parts.Orders, random), VerbForms.Base(third), language, random),
        };
    }

    private string Title(string text, string language, Random random) => Fill(Pick(_parts.Titles, random), text, language, random);

    private string Fill(string pattern, string phrase, string language, Random random)
    {
        var mentions = random.Next(100);
        var text = pattern
            .Replace("{open}", Pick(_parts.Opens, random), StringComparison.Ordinal)
            .Replace("{a}", Pick(_parts.Articles, random), StringComparison.Ordinal)
            .Replace("{lang}", mentions < 25 ? language + " " : "", StringComparison.Ordinal)
            .Replace("{what}", Pick(_parts.Things, random), StringComparison.Ordinal)
            .Replace("{x}", phrase, StringComparison.Ordinal)
            .Replace(" a  ", " a ", StringComparison.Ordinal)
            .Replace("  ", " ", StringComparison.Ordinal).Trim();
        text += mentions is >= 25 and < 37 ? $" {Pick(_parts.Using, random)} {language}" : "";
        return text + Pick(_parts.Endings, random);
    }

    private static string Stop(string text) => text.TrimEnd('.', '!', ' ') + (text.EndsWith('?') ? "" : ".");

    private static string Casing(string text, string? name, Random random) => random.Next(20) switch
    {
        < 9 => char.ToUpperInvariant(text[0]) + text[1..],
        < 11 when name is null => text.ToLower(CultureInfo.InvariantCulture),
        _ => text,
    };

    private static string Pick(IReadOnlyList<string> options, Random random) => options[random.Next(options.Count)];

    private sealed record Parts
    {
        public required string[] Opens { get; init; }

        public required string[] Articles { get; init; }

        public required string[] Things { get; init; }

        public required string[] That { get; init; }

        public required string[] To { get; init; }

        public required string[] For { get; init; }

        public required string[] Bare { get; init; }

        public required string[] Orders { get; init; }

        public required string[] BareNouns { get; init; }

        public required string[] Titles { get; init; }

        public required string[] Using { get; init; }

        public required string[] Endings { get; init; }

        public required string[] NamePlaces { get; init; }

        public required string[] NounVerbs { get; init; }

        public required string[] QuestionVerbs { get; init; }

        public static Parts Training { get; } = new()
        {
            Opens =
            [
                "write", "write", "write", "write", "create", "make", "implement", "build", "give me", "I need", "I want", "define", "develop", "code", "show me",
                "generate", "provide", "please write", "can you write", "could you write", "could you please write", "I would like", "I'd like", "write me", "make me",
                "can you give me", "please create", "please make", "design", "add", "program", "please implement", "can you create", "can you make",
            ],
            Articles = ["a ", "a ", "a ", "a ", "a ", "a small ", "a simple ", "a short ", "", "one "],
            Things = ["function", "function", "function", "function", "function", "function", "method", "program", "script", "helper", "helper function", "utility function", "routine"],
            That = ["{open} {a}{lang}{what} that {x}", "{open} {a}{lang}{what} that {x}", "{open} {a}{lang}{what} which {x}", "{a}{lang}{what} that {x}", "{lang}{what} that {x}", "{open} {lang}code that {x}"],
            To = ["{open} {a}{lang}{what} to {x}", "{a}{lang}{what} to {x}", "{lang}{what} to {x}", "{lang}code to {x}", "{open} {lang}code to {x}", "{open} {a}{lang}{what} that can {x}"],
            For = ["{open} {a}{lang}{what} for {x}", "{lang}{what} for {x}", "{lang}code for {x}", "{x}"],
            Bare = ["{x}", "{x}", "a function that {x}", "it {x}"],
            Orders =
            [
                "{x}", "{x}", "{x}", "{x}", "{x}", "please {x}", "can you {x}?", "could you {x}?", "I want to {x}", "I need to {x}", "how do I {x}?", "how can I {x}?",
                "help me {x}", "how to {x}", "I would like to {x}", "let's {x}",
            ],
            BareNouns = ["{x}", "I need {x}", "give me {x}", "what is {x}?", "how do I get {x}?", "get {x}"],
            Titles =
            [
                "{x}", "{x}", "{x} function", "{lang}{x}", "write {a}{x} function", "write {x}", "implement {x}", "code for {x}", "{open} {a}{x} function", "{open} {lang}code for {x}",
                "{x} code", "a {x} function", "do {x}", "please write {x}", "function for {x}", "{open} {a}function for {x}", "{open} {x}",
            ],
            Using = ["in", "in", "in", "in", "using", "for"],
            Endings = ["", "", "", "", "", ".", ".", ".", ".", " please", ", please", ", please.", ", thanks", "!", " and test it", " with tests", ", with tests.", " and write tests"],
            NamePlaces = ["{text} Call it {name}.", "{text} Name it {name}.", "{text} The function is called {name}.", "{text} Use the name {name}.", "{text} It should be called {name}.", "{text} Call the function {name}", "{text} Name the function {name}."],
            NounVerbs = ["returns", "returns", "returns", "computes", "finds", "calculates", "gets", "gives", "determines", "outputs"],
            QuestionVerbs = ["checks if", "checks if", "checks whether", "tells whether", "tests if", "determines if", "determines whether", "tells if", "tests whether", "returns true if", "returns True when", "says whether", "verifies that", "finds out if"],
        };

        public static Parts HeldOut { get; } = new()
        {
            Opens = ["produce", "please provide", "can you implement", "would you write", "put together", "write for me", "we need", "please code", "help me write", "compose"],
            Articles = ["a ", "a tiny ", "a quick ", "the ", "a basic "],
            Things = ["function", "procedure", "snippet", "subroutine", "func", "tool"],
            That = ["{open} {a}{lang}{what} that {x}", "{open} {a}{lang}{what} that simply {x}", "please, {a}{lang}{what} that {x}"],
            To = ["{open} {a}{lang}{what} in order to {x}", "{open} {a}{lang}{what} able to {x}", "{open} some {lang}code to {x}"],
            For = ["{open} {a}{lang}{what} for {x}", "I am after {lang}code for {x}"],
            Bare = ["something that {x}", "a {what} which {x}"],
            Orders = ["kindly {x}", "would you {x}?", "what is the way to {x}?", "show me how to {x}", "you should {x}", "my task is to {x}", "teach me to {x}"],
            BareNouns = ["how can I compute {x}?", "show me {x}", "I am looking for {x}"],
            Titles = ["a {x} routine", "show me {x}", "help me with {x}", "I need {a}{x} function", "simple {x}"],
            Using = ["with", "written in"],
            Endings = ["", "", ".", "?", " for me", ", if you can", " - thank you", " and check it", " as simply as possible"],
            NamePlaces = ["{text} Please call it {name}.", "{text} Its name is {name}.", "{text} Let the name be {name}.", "{text} Named {name}."],
            NounVerbs = ["returns", "computes", "produces", "yields", "works out"],
            QuestionVerbs = ["checks if", "checks whether", "decides if", "tells me whether", "figures out if"],
        };
    }
}
