using System.Text.RegularExpressions;

namespace EdgeCoder.Agent.Redaction;

/// <summary>
/// Values of names that mean a secret, in the forms of programs, JSON (also inside JSON), YAML, XML, environment files, command lines and URL queries.
/// The name and everything around the value stay.
/// </summary>
internal static class AssignedValues
{
    private const string Names = """[A-Za-z0-9_.-]*(password|passwd|pwd|secret|token|api_key|api-key|apikey|access_key|access-key|accesskey|private_key|private-key|privatekey|credential|connectionstring|connection_string)[A-Za-z0-9_.-]*""";

    /// <summary>The name with its quotes, and the sign between it and the value: <c>=</c>, <c>:</c>, <c>=&gt;</c>, <c>:=</c>, the end of an XML tag, or a space after an option.</summary>
    private static readonly Lazy<Regex> Start = new(() => RedactionPattern.Of(
        $$"""(?i)(\b|[-_.]){{Names}}["'`]?(\][ \t]*)?([ \t]*(=>|:=|==|[=:])[ \t]*|>)"""));

    private static readonly Lazy<Regex> Option = new(() => RedactionPattern.Of($$"""(?i)(^|[\s"'\[,])--?{{Names}}(["'],)?[ \t]+"""));

    /// <summary>Words that are no secret: kinds of values, and nothing.</summary>
    private static readonly HashSet<string> Harmless = new(StringComparer.OrdinalIgnoreCase)
    {
        "str", "string", "bytes", "int", "bool", "boolean", "float", "object", "any", "none", "null", "nil", "undefined", "true", "false", "self", "this", "var", "let", "const",
    };

    /// <summary>Finds them.</summary>
    public static void Find(string text, SecretFound found)
    {
        Find(Start.Value, text, found);
        Find(Option.Value, text, found);
    }

    private static void Find(Regex start, string text, SecretFound found)
    {
        for (var match = start.Match(text); match.Success;)
        {
            var (value, end) = ValueAt(text, match.Index + match.Length);
            var secret = end > value && !IsHarmless(text, value, end);
            if (secret)
            {
                found(RedactionKind.Assignment, value, end);
            }

            match = start.Match(text, secret ? end : match.Index + match.Length);
        }
    }

    /// <summary>Where the value begins and ends: within its quotes, else up to what ends a word; a YAML block by its indentation.</summary>
    private static (int Start, int End) ValueAt(string text, int at)
    {
        if (at < text.Length && text[at] is '|' or '>' && BlockAt(text, at) is { } block)
        {
            return block;
        }

        // Prefixes of string literals: b"", f"", r"", $"", @"".
        var open = at;
        while (open < text.Length && open - at < 3 && text[open] is 'b' or 'f' or 'r' or 'u' or 'B' or 'F' or 'R' or '$' or '@')
        {
            open++;
        }

        if (Quote(text, open) is { Length: > 0 } quote)
        {
            var inner = open + quote.Length;
            return (inner, ClosingQuote(text, inner, quote));
        }

        var end = at;
        while (end < text.Length && text[end] is not (' ' or '\t' or '\r' or '\n' or ',' or ';' or '&' or '"' or '\'' or '`' or '<' or '>' or '}'))
        {
            end++;
        }

        while (end > at && text[end - 1] is ')' or ']')
        {
            end--;
        }

        return (at, end);
    }

    private static string? Quote(string text, int at) => at >= text.Length || text[at] is not ('"' or '\'' or '`') ? null
        : at + 2 < text.Length && text[at] == text[at + 1] && text[at + 1] == text[at + 2] ? new string(text[at], 3)
        : text.Substring(at, 1);

    /// <summary>The same quote again, not behind a backslash; a short one ends at the end of its line at the latest.</summary>
    private static int ClosingQuote(string text, int from, string quote)
    {
        for (var at = from; at < text.Length; at++)
        {
            if ((text[at] == '\n' && quote.Length < 3) || text.AsSpan(at).StartsWith(quote, StringComparison.Ordinal))
            {
                return at;
            }

            at += text[at] == '\\' ? 1 : 0;
        }

        return text.Length;
    }

    /// <summary>The indented lines after <c>|</c> or <c>&gt;</c> at the end of a line; in a diff each has its mark before the indentation.</summary>
    private static (int Start, int End)? BlockAt(string text, int at)
    {
        var line = text.IndexOf('\n', at);
        if (line < 0 || text.AsSpan(at + 1, line - at - 1).Trim(" \t\r+-0123456789").Length > 0 || !IsIndented(text, line + 1))
        {
            return null;
        }

        var end = line;
        while (IsIndented(text, end + 1))
        {
            var next = text.IndexOf('\n', end + 1);
            if (next < 0)
            {
                return (line + 1, text.Length);
            }

            end = next;
        }

        return (line + 1, end);
    }

    private static bool IsIndented(string text, int at)
    {
        at += at < text.Length && text[at] is '+' or '-' ? 1 : 0;
        return at < text.Length && text[at] is ' ' or '\t';
    }

    private static bool IsHarmless(string text, int start, int end)
    {
        var value = text.AsSpan(start, end - start);
        if (Harmless.GetAlternateLookup<ReadOnlySpan<char>>().Contains(value.Trim("?!*[](){}|")) || value.Trim("?!*[](){}|.=").IsEmpty)
        {
            return true;
        }

        // A call is code that gets a value, not the value.
        var quoted = start > 0 && text[start - 1] is '"' or '\'' or '`';
        var call = value.IndexOf('(');
        return !quoted && call > 0 && value[..call].IndexOfAnyExcept("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.:") < 0;
    }
}
