namespace EdgeCoder.Agent.Sources;

/// <summary>
/// Splits Python text into tokens, enough to find names and to tell code from prose. It judges nothing: whether a program parses
/// is the executor's word.
/// </summary>
internal ref struct PythonLexer(string text)
{
    private int _at;
    private int _depth;
    private int _indent;

    /// <summary>The tokens; null when a string or a bracket is left open or a bracket closes that none opened.</summary>
    public static IReadOnlyList<PythonToken>? Read(string text)
    {
        var tokens = new List<PythonToken>();
        return new PythonLexer(text.ReplaceLineEndings("\n") + "\n").Fill(tokens) ? tokens : null;
    }

    private bool Fill(List<PythonToken> tokens)
    {
        var lineStart = true;
        while (_at < text.Length)
        {
            var c = text[_at];
            if (c == '\n')
            {
                _at++;
                if (_depth == 0)
                {
                    if (tokens.Count > 0 && tokens[^1].Kind != PythonTokenKind.NewLine)
                    {
                        tokens.Add(new(PythonTokenKind.NewLine, "\n", 0, _indent));
                    }

                    lineStart = true;
                }
            }
            else if (c is ' ' or '\t' or '\f' or '\r')
            {
                _at++;
            }
            else if (c == '#')
            {
                _at = text.IndexOf('\n', _at);
            }
            else if (c == '\\' && _at + 1 < text.Length && text[_at + 1] == '\n')
            {
                _at += 2;
            }
            else
            {
                if (lineStart)
                {
                    _indent = _at - (text.LastIndexOf('\n', _at) + 1);
                    lineStart = false;
                }

                if (!One(c, tokens))
                {
                    return false;
                }
            }
        }

        return _depth == 0;
    }

    private bool One(char c, List<PythonToken> tokens)
    {
        var start = _at;
        if (char.IsLetter(c) || c == '_')
        {
            Skip(static x => char.IsLetterOrDigit(x) || x == '_');
            if (_at < text.Length && text[_at] is '"' or '\'' && IsStringPrefix(text.AsSpan(start, _at - start)))
            {
                return String(start, tokens);
            }

            return Add(PythonTokenKind.Name, start, tokens);
        }

        if (char.IsAsciiDigit(c) || (c == '.' && _at + 1 < text.Length && char.IsAsciiDigit(text[_at + 1])))
        {
            Skip(static x => char.IsLetterOrDigit(x) || x is '.' or '_');
            return Add(PythonTokenKind.Number, start, tokens);
        }

        if (c is '"' or '\'')
        {
            return String(start, tokens);
        }

        if (c is ')' or ']' or '}' && --_depth < 0)
        {
            return false;
        }

        _at++;
        Add(PythonTokenKind.Operator, start, tokens);
        if (c is '(' or '[' or '{')
        {
            _depth++;
        }

        return true;
    }

    private bool String(int start, List<PythonToken> tokens)
    {
        var quote = text[_at];
        var triple = _at + 2 < text.Length && text[_at + 1] == quote && text[_at + 2] == quote;
        _at += triple ? 3 : 1;
        while (_at < text.Length)
        {
            if (text[_at] == '\\')
            {
                _at += 2;
            }
            else if (text[_at] == '\n' && !triple)
            {
                return false;
            }
            else if (text[_at] == quote && (!triple || (_at + 2 < text.Length && text[_at + 1] == quote && text[_at + 2] == quote)))
            {
                _at += triple ? 3 : 1;
                return Add(PythonTokenKind.String, start, tokens);
            }
            else
            {
                _at++;
            }
        }

        return false;
    }

    private static bool IsStringPrefix(ReadOnlySpan<char> name)
    {
        foreach (var c in name)
        {
            if (char.ToLowerInvariant(c) is not ('r' or 'b' or 'f' or 'u' or 't'))
            {
                return false;
            }
        }

        return name.Length <= 2;
    }

    private readonly bool Add(PythonTokenKind kind, int start, List<PythonToken> tokens)
    {
        tokens.Add(new(kind, text[start.._at], _depth, _indent));
        return true;
    }

    private void Skip(Func<char, bool> belongs)
    {
        while (_at < text.Length && belongs(text[_at]))
        {
            _at++;
        }
    }
}
