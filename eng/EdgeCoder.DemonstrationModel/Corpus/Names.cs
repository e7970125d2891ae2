using System.Text.RegularExpressions;

namespace EdgeCoder.Training.Corpus;

/// <summary>Function names: those that a request may give, and the change between the two styles.</summary>
internal static partial class Names
{
    private static readonly string[] Verbs =
        "get make find do run calc my the new try fast quick solve work apply build check use show take compute process convert handle fetch count test is to parse create merge sort join filter clean fix".Split(' ');

    private static readonly string[] Nouns =
        "it all data value result list thing job task items answer text number word stuff part step case set sum dict array string values total score name key map one two code pairs words nums output".Split(' ');

    private static readonly string[] Short = ["f", "g", "h", "foo", "bar", "solve", "solution", "helper", "fn", "func", "work", "compute", "process", "run_it", "baz", "main"];

    private static readonly string[] Syllables = "ba co di fu ga lo mi nu pa ro sa te vo zi ka le mo ri ta no".Split(' ');

    /// <summary>A name that a person might give.</summary>
    public static string Pick(Random random, Language language)
    {
        var name = random.Next(20) switch
        {
            < 4 => Short[random.Next(Short.Length)],
            < 5 => Verbs[random.Next(Verbs.Length)] + "_" + string.Concat(Enumerable.Range(0, 2).Select(_ => Syllables[random.Next(Syllables.Length)])),
            _ => Verbs[random.Next(Verbs.Length)] + "_" + Nouns[random.Next(Nouns.Length)],
        };
        return language == Language.JavaScript && random.Next(4) > 0 ? ToCamelCase(name) : name;
    }

    /// <summary>Changes <c>merge_dicts</c> to <c>mergeDicts</c>.</summary>
    public static string ToCamelCase(string name) => Underscore().Replace(name, match => match.Groups[1].Value.ToUpperInvariant());

    [GeneratedRegex("_([a-z])")]
    private static partial Regex Underscore();
}
