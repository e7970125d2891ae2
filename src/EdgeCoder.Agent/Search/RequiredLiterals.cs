using System.Text;

namespace EdgeCoder.Agent.Search;

/// <summary>
/// Finds texts of which every match of a pattern contains one, so that most files need no more than a search for bytes. Pure. Where it is not sure it finds
/// none, which costs time and nothing else.
/// </summary>
internal static class RequiredLiterals
{
    private const int MostAlternatives = 8;

    /// <summary>Whether a pattern is a literal text.</summary>
    public static bool IsLiteral(string pattern) => pattern.Length > 0 && pattern.AsSpan().IndexOfAny(@"\*+?|{[()^$.".AsSpan()) < 0;

    /// <summary>The texts; null when there are none to be sure of.</summary>
    public static IReadOnlyList<string>? Of(string pattern)
    {
        if (IsLiteral(pattern))
        {
            return [pattern];
        }

        var literals = new List<string>();
        for (var at = 0; at <= pattern.Length;)
        {
            if (Longest(pattern, ref at) is not { Length: >= 2 } literal || literals.Count == MostAlternatives)
            {
                return null;
            }

            literals.Add(literal);
        }

        return literals;
    }

    /// <summary>The longest text that one alternative requires; the position moves behind the bar that ends it. Null when not sure.</summary>
    private static string? Longest(string pattern, ref int at)
    {
        var best = "";
        var run = new StringBuilder();
        void End()
        {
            best = run.Length > best.Length ? run.ToString() : best;
            run.Clear();
        }

        for (; at < pattern.Length && pattern[at] != '|'; at++)
        {
            var character = pattern[at];
            if (character is '^' or '$' or '.')
            {
                End();
            }
            else if (character == '[')
            {
                End();
                if (!SkipSet(pattern, ref at))
                {
                    return null;
                }
            }
            else if (character == '(')
            {
                End();
                if (!SkipGroup(pattern, ref at))
                {
                    return null;
                }
            }
            else if (character is '*' or '?')
            {
                run.Length -= run.Length > 0 ? 1 : 0;
                End();
            }
            else if (character == '+')
            {
                End();
            }
            else if (character == '{')
            {
                run.Length -= run.Length > 0 ? 1 : 0;
                End();
                at = pattern.IndexOf('}', at);
                if (at < 0)
                {
                    return null;
                }
            }
            else if (character == '\\')
            {
                if (!Escape(pattern, ref at, run, End))
                {
                    return null;
                }
            }
            else
            {
                run.Append(character);
            }
        }

        End();
        at++;
        return best;
    }

    private static bool Escape(string pattern, ref int at, StringBuilder run, Action end)
    {
        if (++at >= pattern.Length)
        {
            return false;
        }

        if (!char.IsLetterOrDigit(pattern[at]) && pattern[at] != '_')
        {
            run.Append(pattern[at]);
            return true;
        }

        end();
        return pattern[at] is 'd' or 'D' or 'w' or 'W' or 's' or 'S' or 'b' or 'B' or 't' or 'r';
    }

    private static bool SkipSet(string pattern, ref int at)
    {
        at += at + 1 < pattern.Length && pattern[at + 1] == '^' ? 1 : 0;
        at++; // The first character is a member even if it is a bracket.
        for (at += at < pattern.Length && pattern[at] == '\\' ? 2 : 1; at < pattern.Length; at++)
        {
            if (pattern[at] == ']')
            {
                return true;
            }

            if (pattern[at] == '[')
            {
                return false; // Subtraction.
            }

            at += pattern[at] == '\\' ? 1 : 0;
        }

        return false;
    }

    private static bool SkipGroup(string pattern, ref int at)
    {
        for (var depth = 0; at < pattern.Length; at++)
        {
            switch (pattern[at])
            {
                case '\\':
                    at++;
                    break;
                case '[':
                    if (!SkipSet(pattern, ref at))
                    {
                        return false;
                    }

                    break;
                case '(':
                    if (at + 1 < pattern.Length && pattern[at + 1] == '?' && !(at + 2 < pattern.Length && pattern[at + 2] is ':' or '<'))
                    {
                        return false; // Options change what a text means.
                    }

                    depth++;
                    break;
                case ')':
                    if (--depth == 0)
                    {
                        return true;
                    }

                    break;
            }
        }

        return false;
    }
}
