using System.Globalization;

namespace EdgeCoder.Training.Corpus.Wording;

/// <summary>Writes requests the way people type them: orders, questions, short titles, with and without politeness and language.</summary>
internal sealed class RequestWriter(WordingSet set)
{
    private static readonly string[] Fillers = [.. string.Join(' ', TextResource.Lines("Wording.fillers.txt")).Split(' ')];

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

        if (saying.Form == SayingForm.Question && random.Next(10) == 0)
        {
            return Fill("{x}?", Inverted(Synonyms.Apply(saying.Text, random)), language, random);
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

    // "a string is a palindrome" becomes "is a string a palindrome".
    private static string Inverted(string clause)
    {
        foreach (var verb in (string[])[" is ", " are "])
        {
            var at = clause.IndexOf(verb, StringComparison.Ordinal);
            if (at > 0)
            {
                return verb.TrimStart() + (clause[..at] + clause[(at + verb.Length - 1)..]).Replace("a given ", "this ", StringComparison.Ordinal);
            }
        }

        return "is it true that " + clause;
    }

    private string Title(string text, string language, Random random) => Fill(Pick(_parts.Titles, random), text, language, random);

    private string Fill(string pattern, string phrase, string language, Random random)
    {
        var mentions = random.Next(100);
        var (what, article) = (Pick(_parts.Things, random), Pick(_parts.Articles, random));
        if (set == WordingSet.Training && random.Next(5) == 0)
        {
            // Words that say nothing: the model must not take a word it does not know for another subject.
            var filler = Pick(Fillers, random);
            switch (random.Next(4))
            {
                case 0: article = "a " + filler + " "; break;
                case 1: what = filler + " " + what; break;
                case 2: what = filler; break;
                default: pattern = filler + (random.Next(2) == 0 ? ", " : " ") + pattern; break;
            }
        }

        var text = pattern
            .Replace("{open}", Pick(_parts.Opens, random), StringComparison.Ordinal)
            .Replace("{a}", article, StringComparison.Ordinal)
            .Replace("{lang}", mentions < 25 ? language + " " : "", StringComparison.Ordinal)
            .Replace("{what}", what, StringComparison.Ordinal)
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
                "write", "write", "write", "write", "write", "write", "write", "write", "create", "create", "make", "make", "implement", "implement", "build", "build", "give me", "give me", "I need", "I need",
                "I want", "define", "develop", "code", "show me", "generate", "provide", "please write", "please write", "can you write", "can you write", "could you write", "could you please write",
                "I would like", "I'd like", "write me", "make me", "can you give me", "please create", "please make", "design", "add", "program", "please implement", "can you create", "can you make",
                "please give me", "could you give me", "can you please write", "may I have", "I could use", "I want you to write", "I'd love", "please add", "please build", "would you please write",
                "go ahead and write", "set up", "construct", "prepare", "type out", "come up with", "get me", "let me have", "draft", "send me", "do", "start", "now write", "next, write", "then write",
                "hi, write", "hello, please write", "hey, can you write", "ok, write", "quickly write", "just write", "simply write", "try to write", "I'm looking to get", "I have to write", "we want",
                "we would like", "my boss wants", "my teacher wants", "for homework I need", "assignment: write", "task: write", "todo: write", "your task: write", "exercise: write", "question: write",
                "it would be nice to have", "is it possible to get", "do you have", "any chance of", "I require", "I wish for", "deliver", "supply", "offer", "sketch", "hack together", "whip up", "make up", "form",
            ],
            Articles =
            [
                "a ", "a ", "a ", "a ", "a ", "a ", "a ", "a ", "a small ", "a simple ", "a short ", "", "", "one ", "a little ", "an easy ", "a nice ", "a clean ", "a good ", "a new ", "a neat ", "a plain ",
                "a correct ", "a single ", "a readable ", "a minimal ", "a working ", "an efficient ", "some ", "this ", "my ", "a compact ", "a trivial ", "a standard ", "a well tested ", "a beginner friendly ",
            ],
            Things =
            [
                "function", "function", "function", "function", "function", "function", "function", "function", "function", "function", "method", "method", "program", "program", "script", "helper", "helper function",
                "utility function", "routine", "utility", "implementation", "algorithm", "piece of code", "code snippet", "one-liner", "module function", "fn", "example", "solution", "thing", "block of code", "definition",
            ],
            That =
            [
                "{open} {a}{lang}{what} that {x}", "{open} {a}{lang}{what} that {x}", "{open} {a}{lang}{what} that {x}", "{open} {a}{lang}{what} which {x}", "{a}{lang}{what} that {x}", "{lang}{what} that {x}",
                "{open} {lang}code that {x}", "{open} {a}{what} in my project that {x}", "{open} {a}{lang}{what}, it {x}", "{open} {a}{lang}{what} that correctly {x}", "{open} {a}{lang}{what} that quickly {x}",
                "{open} {a}{lang}{what} which always {x}", "{open} {a}{lang}{what} that just {x}", "{a}{what} is needed that {x}", "{open} {a}{lang}{what} and make sure it {x}", "{open} {a}{lang}{what}. It {x}",
            ],
            To =
            [
                "{open} {a}{lang}{what} to {x}", "{open} {a}{lang}{what} to {x}", "{a}{lang}{what} to {x}", "{lang}{what} to {x}", "{lang}code to {x}", "{open} {lang}code to {x}", "{open} {a}{lang}{what} that can {x}",
                "{open} {a}{lang}{what} so I can {x}", "{open} {a}{lang}{what} that will {x}", "{open} {a}{lang}{what} that should {x}", "{open} {a}{lang}{what} with which I can {x}",
                "{open} {a}{lang}{what} whose job is to {x}", "{open} {a}{lang}{what} which is used to {x}", "{open} {a}{lang}{what} made to {x}",
            ],
            For = ["{open} {a}{lang}{what} for {x}", "{lang}{what} for {x}", "{lang}code for {x}", "{x}", "{x}", "{a}{lang}{what} for {x}", "I am stuck on {x}", "I need help {x}", "what about {x}?"],
            Bare = ["{x}", "{x}", "{x}", "a function that {x}", "it {x}", "the {what} {x}", "{a}{what}: {x}", "something which {x}", "it should be a {what} that {x}", "this {what} {x}"],
            Orders =
            [
                "{x}", "{x}", "{x}", "{x}", "{x}", "{x}", "{x}", "{x}", "please {x}", "please {x}", "can you {x}?", "could you {x}?", "I want to {x}", "I need to {x}", "how do I {x}?", "how can I {x}?",
                "help me {x}", "how to {x}", "I would like to {x}", "let's {x}", "could you please {x}?", "can you please {x}?", "I have to {x}", "I must {x}", "we need to {x}", "we have to {x}", "just {x}",
                "simply {x}", "now {x}", "then {x}", "next: {x}", "task: {x}", "todo: {x}", "exercise: {x}", "hi, please {x}", "hello! {x}", "hey, {x}", "ok {x}", "try to {x}", "I'm trying to {x}", "I am trying to {x}",
                "is there a way to {x}?", "what's the best way to {x}?", "how would you {x}?", "how should I {x}?", "quickly {x}", "go and {x}", "make it {x}", "the goal is to {x}", "the task is to {x}", "the function should {x}",
                "it must {x}", "it should {x}", "I want a way to {x}", "I want you to {x}", "do this: {x}", "for my homework I have to {x}", "write code and {x}", "give me a way to {x}", "solve this: {x}", "given the input, {x}",
            ],
            BareNouns =
            [
                "{x}", "{x}", "{x}", "I need {x}", "give me {x}", "what is {x}?", "how do I get {x}?", "get {x}", "please give me {x}", "I want {x}", "how to get {x}", "how do I find {x}?", "{lang}code for {x}",
                "{open} code for {x}", "function for {x}", "a {what} for {x}", "I want to know {x}", "can you get {x}?", "return {x}", "print {x}", "output {x}", "I would like {x}", "what's {x}?",
            ],
            Titles =
            [
                "{x}", "{x}", "{x}", "{x}", "{x} function", "{lang}{x}", "write {a}{x} function", "write {x}", "implement {x}", "code for {x}", "{open} {a}{x} function", "{open} {lang}code for {x}",
                "{x} code", "a {x} function", "do {x}", "please write {x}", "function for {x}", "{open} {a}function for {x}", "{open} {x}", "{open} {x}", "{lang}{x} function", "{x} implementation", "{x} algorithm",
                "{x} example", "{x} program", "{x} in code", "a {what} for {x}", "{open} {a}{what} for {x}", "need {x}", "I need {x}", "I want {x}", "the {x} problem", "{x}, please", "how to do {x}", "how do I do {x}?",
                "can you do {x}?", "could you do {x}?", "{what} for {x}", "{what}: {x}", "solve {x}", "do the {x}", "program {x}", "{open} {x} for me to use", "{x} utility", "{x} solution",
            ],
            Using = ["in", "in", "in", "in", "in", "using", "using", "for", "in plain", "in pure", "in modern", "coded in", "with the help of", "in the language"],
            Endings =
            [
                "", "", "", "", "", "", "", "", "", "", "", ".", ".", ".", ".", ".", ".", ".", ".", ".", " please", ", please", ", please.", ", thanks", "!", " and test it", " with tests", ", with tests.", " and write tests",
                ". Thanks!", ". Thank you.", " plz", " pls", "!!", " quickly", " now", ", ok?", " with a few tests", " with asserts", " and show me the code", ". Keep it short.", ". Keep it simple.", ". Make it readable.",
                ", nothing else", " today", " as soon as possible", " asap", " for my project", " for my homework", " for a friend", " in a simple way", ". It should be correct.", " (with tests)", " (short)", "...", ";",
                " so that I can use it", ". Be careful.", " and explain nothing", " with good style", " right now", " first", " again", " properly", " correctly",
            ],
            NamePlaces = ["{text} Call it {name}.", "{text} Name it {name}.", "{text} The function is called {name}.", "{text} Use the name {name}.", "{text} It should be called {name}.", "{text} Call the function {name}", "{text} Name the function {name}.", "{text} Call it {name}", "{text} The name is {name}.", "{text} It is named {name}.", "{text} The function's name must be {name}."],
            NounVerbs = ["returns", "returns", "returns", "returns", "computes", "finds", "calculates", "gets", "gives", "determines", "outputs", "prints", "shows", "gives back", "gives me", "tells me", "reports"],
            QuestionVerbs =
            [
                "checks if", "checks if", "checks if", "checks whether", "checks whether", "tells whether", "tests if", "determines if", "determines whether", "tells if", "tests whether", "returns true if", "returns True when",
                "says whether", "verifies that", "finds out if", "tells me if", "says if", "finds out whether", "verifies if", "validates that", "sees if", "detects if", "returns true when", "is true if",
            ],
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
