using System.Text.RegularExpressions;

namespace EdgeCoder.Training.Corpus.Wording;

/// <summary>Replaces words of a phrase by others that people use for the same thing.</summary>
internal static partial class Synonyms
{
    private const double Chance = 0.35;

    private static readonly (Regex Word, string[] Others)[] Table =
    [
        Entry("list of lists", "nested list", "array of arrays", "2D list", "two-dimensional list"),
        Entry("lists of lists", "nested lists"),
        Entry("list of numbers", "list of integers", "number list", "array of numbers", "list of ints", "numeric list", "array of integers"),
        Entry("list of dictionaries", "list of dicts", "array of objects", "list of records", "list of objects"),
        Entry("list of strings", "array of strings", "string list", "list of texts"),
        Entry("lists", "arrays", "vectors"),
        Entry("list", "array", "array", "vector"),
        Entry("dictionaries", "dicts", "dicts", "maps", "objects", "hash maps", "hashes"),
        Entry("dictionary", "dict", "dict", "map", "object", "hash map", "hash"),
        Entry("string", "text", "str", "text", "piece of text"),
        Entry("strings", "texts"),
        Entry("sentence", "string", "text", "phrase"),
        Entry("numbers", "integers", "ints"),
        Entry("number(?! of)", "integer", "int", "num"),
        Entry("largest", "biggest", "greatest", "highest", "maximum"),
        Entry("smallest", "lowest", "minimum", "least"),
        Entry("maximum", "max"),
        Entry("minimum", "min"),
        Entry("items", "elements", "entries", "members"),
        Entry("item", "element", "entry"),
        Entry("characters", "chars", "symbols"),
        Entry("character", "char", "symbol"),
        Entry("every", "each", "every single"),
        Entry("two", "2", "the two"),
        Entry("in a", "of a", "inside a", "within a"),
        Entry("greater than", "above", "larger than", "bigger than", "over", "more than"),
        Entry("less than", "below", "smaller than", "under"),
        Entry("divisible by", "that are multiples of", "that can be divided by"),
        Entry("removes", "deletes", "drops", "strips", "eliminates"),
        Entry("converts", "turns", "transforms", "changes"),
        Entry("combines", "merges", "joins"),
        Entry("finds", "gets", "returns", "looks up", "determines"),
        Entry("computes", "calculates", "works out", "returns", "determines"),
        Entry("calculates", "computes", "works out"),
        Entry("how often", "how many times"),
        Entry("occurs", "appears"),
        Entry("duplicates", "duplicate items", "duplicate values", "repeated elements", "repeated values", "duplicate elements"),
        Entry("uppercase", "upper case", "upper-case"),
        Entry("lowercase", "lower case", "lower-case"),
        Entry("in order", "in their original order", "keeping the order"),
        Entry("nth", "n-th"),
        Entry("distinct", "unique", "different"),
        Entry("average", "mean"),
        Entry("common", "shared"),
        Entry("white space", "whitespace"),
    ];

    /// <summary>The phrase with some words replaced.</summary>
    public static string Apply(string phrase, Random random)
    {
        foreach (var (word, others) in Table)
        {
            if (random.NextDouble() < Chance && word.IsMatch(phrase))
            {
                phrase = word.Replace(phrase, others[random.Next(others.Length)], 1);
            }
        }

        if (random.NextDouble() < 0.3)
        {
            var article = random.Next(6) switch { 0 or 1 => "the ", 2 => "a given ", 3 => "the given ", _ => "" };
            phrase = Article().Replace(phrase, match => article + match.Groups[1].Value);
        }

        return AnBefore().Replace(phrase, "an $1");
    }

    private static (Regex, string[]) Entry(string word, params string[] others) => (new Regex($@"\b{word}\b", RegexOptions.CultureInvariant), others);

    [GeneratedRegex(@"\ban? (list|array|vector|string|text|str|dictionary|dict|map|object|number|integer|int|matrix|sentence|word|value|year)\b")]
    private static partial Regex Article();

    [GeneratedRegex(@"\ba (array|integer|int|object|element|entry)\b")]
    private static partial Regex AnBefore();
}
