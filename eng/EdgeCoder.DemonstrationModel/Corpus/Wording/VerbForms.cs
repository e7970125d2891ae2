namespace EdgeCoder.Training.Corpus.Wording;

/// <summary>Turns the first verb of a phrase from the third person into its other forms: <c>merges</c> to <c>merge</c> and <c>merging</c>.</summary>
internal static class VerbForms
{
    private static readonly HashSet<string> Doubling = ["get", "swap", "split", "flip", "drop", "sum", "trim", "strip", "zip", "cap", "cut", "put", "plot", "skip", "chop", "run", "plan", "map", "log", "set", "pad"];

    /// <summary>The infinitive of the phrase: <c>merge two dictionaries</c>. A second verb after <c>and</c> follows.</summary>
    public static string Base(string phrase)
    {
        var (verb, rest) = Cut(phrase);
        return Infinitive(verb) + AfterAnd(rest, Infinitive);
    }

    /// <summary>The phrase as an activity: <c>merging two dictionaries</c>.</summary>
    public static string Gerund(string phrase)
    {
        var (verb, rest) = Cut(phrase);
        return Ing(Infinitive(verb)) + AfterAnd(rest, second => Ing(Infinitive(second)));
    }

    private static (string Verb, string Object) Cut(string phrase)
    {
        var space = phrase.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? (phrase, "") : (phrase[..space], phrase[space..]);
    }

    private static string AfterAnd(string rest, Func<string, string> change)
    {
        foreach (var verb in (string[])["returns", "adds", "sums", "saves", "writes", "stores", "sends", "prints", "plots", "uploads", "draws", "shows", "logs", "caches"])
        {
            rest = rest.Replace($" and {verb} ", $" and {change(verb)} ", StringComparison.Ordinal);
        }

        return rest;
    }

    private static string Infinitive(string verb) => verb switch
    {
        "does" => "do",
        "has" => "have",
        "is" => "be",
        _ when verb.EndsWith("ies", StringComparison.Ordinal) => verb[..^3] + "y",
        _ when EndsIn(verb, "ches", "shes", "sses", "xes") => verb[..^2],
        _ when verb.EndsWith('s') && !verb.EndsWith("ss", StringComparison.Ordinal) => verb[..^1],
        _ => verb,
    };

    private static string Ing(string verb) => verb switch
    {
        _ when Doubling.Contains(verb) => verb + verb[^1] + "ing",
        _ when verb.EndsWith('e') && !verb.EndsWith("ee", StringComparison.Ordinal) && verb != "be" => verb[..^1] + "ing",
        _ => verb + "ing",
    };

    private static bool EndsIn(string verb, params ReadOnlySpan<string> endings)
    {
        foreach (var ending in endings)
        {
            if (verb.EndsWith(ending, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
