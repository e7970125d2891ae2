using System.Globalization;

namespace EdgeCoder.Training.Corpus;

/// <summary>Writes the number of a template into a saying, in figures or as a word.</summary>
internal static class SayingNumbers
{
    private static readonly string[] Words = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    private static readonly string[] Ordinals = ["", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];

    /// <summary>The saying with <c>$k</c> (and <c>$kth</c>) replaced.</summary>
    public static string Fill(string text, int number, Random random)
    {
        var words = random.Next(4) == 0;
        var figures = number.ToString(CultureInfo.InvariantCulture);
        var suffix = number switch { 1 => "st", 2 => "nd", 3 => "rd", _ => "th" };
        return text
            .Replace("$kth", words ? Ordinals[number] : figures + suffix, StringComparison.Ordinal)
            .Replace("$k", words ? Words[number] : figures, StringComparison.Ordinal);
    }
}
