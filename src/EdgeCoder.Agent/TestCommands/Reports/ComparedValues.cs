using System.Text.RegularExpressions;

namespace EdgeCoder.Agent.TestCommands.Reports;

/// <summary>Finds in a failure's words what was expected and what came: pure. Each pattern is one runner's own way to say it; what none fits is left to the words.</summary>
internal static partial class ComparedValues
{
    private const int Longest = 2_000;
    private const int LongestMessage = 20_000;

    /// <summary>Both, as the language prints them.</summary>
    public static (string? Expected, string? Actual) Find(string message)
    {
        try
        {
            return Look(message.Length > LongestMessage ? message[..LongestMessage] : message);
        }
        catch (RegexMatchTimeoutException)
        {
            return (null, null);
        }
    }

    private static (string? Expected, string? Actual) Look(string message)
    {
        foreach (var pattern in (ReadOnlySpan<Regex>)[Labelled(), Reversed(), LeftRight(), GotWant(), PythonAssert(), Unittest()])
        {
            if (pattern.Match(message) is { Success: true } match)
            {
                return (Cut(match.Groups["expected"].Value), Cut(match.Groups["actual"].Value));
            }
        }

        return (null, null);
    }

    private static string Cut(string value) => value.Trim().TrimEnd(',') is var text && text.Length > Longest ? text[..Longest] : text;

    // xunit, NUnit, JUnit, node: "Expected: 4" … "Actual: 3"; NUnit says "But was:".
    [GeneratedRegex(@"^\s*expected:?\s+(?<expected>[^\n]+)\n(?:[^\n]*\n){0,3}?\s*(?:actual|but was|received):?\s+(?<actual>[^\n]+)", RegexOptions.IgnoreCase | RegexOptions.Multiline, 50)]
    private static partial Regex Labelled();

    [GeneratedRegex(@"^\s*actual:?\s+(?<actual>[^\n]+)\n(?:[^\n]*\n){0,3}?\s*expected:?\s+(?<expected>[^\n]+)", RegexOptions.IgnoreCase | RegexOptions.Multiline, 50)]
    private static partial Regex Reversed();

    // Rust's assert_eq!(left, right): by custom the right one is what is wanted.
    [GeneratedRegex(@"^\s*left: (?<actual>[^\n]+)\n\s*right: (?<expected>[^\n]+)", RegexOptions.Multiline, 50)]
    private static partial Regex LeftRight();

    [GeneratedRegex(@"\bgot:? (?<actual>[^\n]{1,200}?)[,;]? (?:want(?:ed)?|expected):? (?<expected>[^\n]{1,200})", RegexOptions.IgnoreCase, 50)]
    private static partial Regex GotWant();

    // pytest: "assert 3 == 4", before it E in the long form.
    [GeneratedRegex(@"^(?:E\s+)?(?:AssertionError: )?assert (?<actual>[^\n]{1,1000}?) == (?<expected>[^\n]{1,1000})$", RegexOptions.Multiline, 50)]
    private static partial Regex PythonAssert();

    // unittest's assertEqual(first, second): by custom the first one is what came.
    [GeneratedRegex(@"AssertionError: (?<actual>[^\n]{1,1000}?) != (?<expected>[^\n]{1,1000}?)(?: : [^\n]*)?$", RegexOptions.Multiline, 50)]
    private static partial Regex Unittest();
}
