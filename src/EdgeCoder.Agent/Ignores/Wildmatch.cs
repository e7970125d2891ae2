namespace EdgeCoder.Agent.Ignores;

/// <summary>
/// The matching of git's patterns, as git does it: on bytes, with <c>**</c>, sets and classes (git's wildmatch.c, itself after rsync's). Own, because what
/// NuGet offers turns patterns into regular expressions that differ from git in the corners; git itself is the oracle of its tests. A pattern that takes more
/// than <see cref="MostSteps"/> steps, which only a hostile one does, matches nothing.
/// </summary>
internal ref struct Wildmatch
{
    private const int MostSteps = 200_000;

    private readonly ReadOnlySpan<byte> _pattern;
    private readonly ReadOnlySpan<byte> _text;
    private readonly bool _path;
    private readonly bool _ignoreCase;
    private int _steps;

    private Wildmatch(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text, bool path, bool ignoreCase)
    {
        _pattern = pattern;
        _text = text;
        _path = path;
        _ignoreCase = ignoreCase;
    }

    private enum Outcome
    {
        Match,
        NoMatch,
        AbortAll,
        AbortToStarStar,
    }

    /// <summary>Whether the pattern matches the whole text.</summary>
    /// <param name="pattern">The pattern, UTF-8.</param>
    /// <param name="text">A name or a path with <c>/</c>, UTF-8.</param>
    /// <param name="path">Whether a single <c>*</c>, <c>?</c> and sets stop at <c>/</c>.</param>
    /// <param name="ignoreCase">Whether ASCII letters match in any case.</param>
    public static bool IsMatch(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text, bool path, bool ignoreCase = false) =>
        new Wildmatch(pattern, text, path, ignoreCase).Match(0, 0) == Outcome.Match;

    private readonly byte Pattern(int at) => at < _pattern.Length ? _pattern[at] : (byte)0;

    private readonly byte Text(int at) => at < _text.Length ? Lower(_text[at]) : (byte)0;

    private readonly byte Lower(byte value) => _ignoreCase && value is >= (byte)'A' and <= (byte)'Z' ? (byte)(value | 0x20) : value;

    private static bool IsSpecial(byte value) => value is (byte)'*' or (byte)'?' or (byte)'[' or (byte)'\\';

    private Outcome Match(int p, int t)
    {
        for (; p < _pattern.Length; t++, p++)
        {
            if (++_steps > MostSteps)
            {
                return Outcome.AbortAll;
            }

            var wanted = _pattern[p];
            var given = Text(t);
            if (given == 0 && wanted != '*')
            {
                return Outcome.AbortAll;
            }

            switch (wanted)
            {
                case (byte)'?':
                    if (_path && given == '/')
                    {
                        return Outcome.NoMatch;
                    }

                    break;
                case (byte)'*':
                    if (Star(ref p, ref t) is { } outcome)
                    {
                        return outcome;
                    }

                    break;
                case (byte)'[':
                    if (Set(ref p, given) is { } refused)
                    {
                        return refused;
                    }

                    break;
                default:
                    if (wanted == '\\')
                    {
                        wanted = Pattern(++p);
                    }

                    if (given != Lower(wanted))
                    {
                        return Outcome.NoMatch;
                    }

                    break;
            }
        }

        return t < _text.Length ? Outcome.NoMatch : Outcome.Match;
    }

    /// <summary>Null: both positions are on a slash that was found, and matching goes on behind it.</summary>
    private Outcome? Star(ref int p, ref int t)
    {
        var before = p - 1;
        bool overSlash;
        if (Pattern(++p) == '*')
        {
            while (Pattern(++p) == '*')
            {
            }

            overSlash = !_path;
            if (_path && (before < 0 || _pattern[before] == '/') && (p >= _pattern.Length || Pattern(p) == '/' || (Pattern(p) == '\\' && Pattern(p + 1) == '/')))
            {
                if (Pattern(p) == '/' && Match(p + 1, t) == Outcome.Match)
                {
                    return Outcome.Match;
                }

                overSlash = true;
            }
        }
        else
        {
            overSlash = !_path;
        }

        if (p >= _pattern.Length)
        {
            return overSlash || _text[Math.Min(t, _text.Length)..].IndexOf((byte)'/') < 0 ? Outcome.Match : Outcome.AbortToStarStar;
        }

        if (!overSlash && Pattern(p) == '/')
        {
            var slash = _text[Math.Min(t, _text.Length)..].IndexOf((byte)'/');
            if (slash < 0)
            {
                return Outcome.AbortAll;
            }

            t += slash;
            return null;
        }

        return Rest(p, t, overSlash);
    }

    private Outcome Rest(int p, int t, bool overSlash)
    {
        for (; Text(t) != 0; t++)
        {
            if (!IsSpecial(Pattern(p)))
            {
                var wanted = Lower(Pattern(p));
                while (Text(t) != 0 && (overSlash || Text(t) != '/') && Text(t) != wanted)
                {
                    t++;
                }

                if (Text(t) != wanted)
                {
                    return overSlash ? Outcome.AbortAll : Outcome.AbortToStarStar;
                }
            }

            var outcome = Match(p, t);
            if (outcome != Outcome.NoMatch)
            {
                if (!overSlash || outcome != Outcome.AbortToStarStar)
                {
                    return outcome;
                }
            }
            else if (!overSlash && Text(t) == '/')
            {
                return Outcome.AbortToStarStar;
            }
        }

        return Outcome.AbortAll;
    }

    /// <summary>Reads a set up to its closing bracket; null when the character is in it.</summary>
    private readonly Outcome? Set(ref int p, byte given)
    {
        var negated = Pattern(p + 1) is (byte)'!' or (byte)'^';
        p += negated ? 2 : 1;
        var matched = false;
        byte previous = 0;
        var member = Pattern(p);
        do
        {
            if (member == 0)
            {
                return Outcome.AbortAll;
            }

            if (member == '\\')
            {
                member = Pattern(++p);
                if (member == 0)
                {
                    return Outcome.AbortAll;
                }

                matched |= given == Lower(member);
            }
            else if (member == '-' && previous != 0 && Pattern(p + 1) is not 0 and not (byte)']')
            {
                member = Pattern(++p);
                if (member == '\\' && (member = Pattern(++p)) == 0)
                {
                    return Outcome.AbortAll;
                }

                matched |= InRange(given, previous, member);
                member = 0;
            }
            else if (member == '[' && Pattern(p + 1) == ':')
            {
                if (Class(ref p, given, ref matched) is { } malformed)
                {
                    return malformed;
                }

                member = Pattern(p) == '[' ? (byte)'[' : (byte)0;
            }
            else
            {
                matched |= given == Lower(member);
            }

            previous = member;
            member = Pattern(++p);
        }
        while (member != ']');

        return matched == negated || (_path && given == '/') ? Outcome.NoMatch : null;
    }

    private readonly bool InRange(byte given, byte from, byte to) =>
        (given >= from && given <= to) || (_ignoreCase && given is >= (byte)'a' and <= (byte)'z' && (byte)(given ^ 0x20) >= from && (byte)(given ^ 0x20) <= to);

    private readonly Outcome? Class(ref int p, byte given, ref bool matched)
    {
        var start = p + 2;
        var end = start;
        while (Pattern(end) is not 0 and not (byte)']')
        {
            end++;
        }

        if (Pattern(end) == 0)
        {
            return Outcome.AbortAll;
        }

        if (end - start - 1 < 0 || Pattern(end - 1) != ':')
        {
            matched |= given == '['; // No class after all.
            return null;
        }

        var upper = _ignoreCase && char.IsAsciiLetterLower((char)given);
        var character = (char)given;
        bool? within = System.Text.Encoding.ASCII.GetString(_pattern[start..(end - 1)]) switch
        {
            "alnum" => char.IsAsciiLetterOrDigit(character),
            "alpha" => char.IsAsciiLetter(character),
            "blank" => character is ' ' or '\t',
            "cntrl" => character is < ' ' or '\u007f',
            "digit" => char.IsAsciiDigit(character),
            "graph" => character is > ' ' and < '\u007f',
            "lower" => char.IsAsciiLetterLower(character),
            "print" => character is >= ' ' and < '\u007f',
            "punct" => char.IsAscii(character) && (char.IsPunctuation(character) || char.IsSymbol(character)),
            "space" => character is ' ' or (>= '\t' and <= '\r'),
            "upper" => char.IsAsciiLetterUpper(character) || upper,
            "xdigit" => char.IsAsciiHexDigit(character),
            _ => null,
        };
        if (within is null)
        {
            return Outcome.AbortAll;
        }

        matched |= within.Value;
        p = end;
        return null;
    }
}
