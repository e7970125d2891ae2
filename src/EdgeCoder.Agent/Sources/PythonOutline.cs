namespace EdgeCoder.Agent.Sources;

/// <summary>Reads the outline of Python text from its tokens.</summary>
internal static class PythonOutline
{
    private static readonly HashSet<string> Keywords =
    [
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except", "finally", "for",
        "from", "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield", "match", "case", "_", "type",
    ];

    /// <summary>Keywords that begin a statement; a line of prose hardly begins with one and ends like code.</summary>
    private static readonly HashSet<string> Openers =
        ["def", "class", "import", "from", "for", "while", "if", "try", "with", "async", "assert", "return", "raise", "print", "del", "global", "match"];

    private static readonly HashSet<string> Builtins =
    [
        "abs", "aiter", "all", "anext", "any", "ascii", "bin", "bool", "breakpoint", "bytearray", "bytes", "callable", "chr", "classmethod", "compile", "complex", "delattr",
        "dict", "dir", "divmod", "enumerate", "eval", "exec", "filter", "float", "format", "frozenset", "getattr", "globals", "hasattr", "hash", "help", "hex", "id", "input",
        "int", "isinstance", "issubclass", "iter", "len", "list", "locals", "map", "max", "memoryview", "min", "next", "object", "oct", "open", "ord", "pow", "print",
        "property", "range", "repr", "reversed", "round", "set", "setattr", "slice", "sorted", "staticmethod", "str", "sum", "super", "tuple", "vars", "zip",
        "NotImplemented", "Ellipsis", "self", "cls", "exit", "quit", "pytest", "unittest", "math",
    ];

    public static SourceOutline Read(string text, string underTest)
    {
        if (PythonLexer.Read(text) is not { Count: > 0 } tokens)
        {
            return SourceOutline.NoCode;
        }

        var names = new Names(underTest);
        for (var i = 0; i < tokens.Count; i++)
        {
            names.Read(tokens, i);
        }

        return new SourceOutline
        {
            LooksLikeCode = LooksLikeCode(tokens),
            Defined = names.TopLevel,
            DefinesProgram = names.DefinesProgram,
            Wanted = names.Wanted(),
            Imports = names.Imports,
            TestNames = names.Tests,
            HasTests = names.Tests.Count > 0 || names.TopLevelAsserts,
        };
    }

    private static bool IsKnown(string name) =>
        Keywords.Contains(name) || Builtins.Contains(name) || (name.StartsWith("__", StringComparison.Ordinal) && name.EndsWith("__", StringComparison.Ordinal))
        || name.EndsWith("Error", StringComparison.Ordinal) || name.EndsWith("Exception", StringComparison.Ordinal) || name.EndsWith("Warning", StringComparison.Ordinal)
        || name is "StopIteration" or "StopAsyncIteration" or "KeyboardInterrupt" or "SystemExit" or "GeneratorExit" or "ExceptionGroup";

    /// <summary>
    /// Prose is words beside words. Code is: at least one line that begins a statement, assigns or calls, and no two plain names side by side.
    /// </summary>
    private static bool LooksLikeCode(IReadOnlyList<PythonToken> tokens)
    {
        var statement = false;
        for (var i = 0; i < tokens.Count; i++)
        {
            var token = tokens[i];
            var first = i == 0 || tokens[i - 1].Kind == PythonTokenKind.NewLine;
            if (token.Kind == PythonTokenKind.Operator && token.Text[0] is '?' or '$' or '\u2019' or '\u2026' or '\u201c')
            {
                return false;
            }

            if (token.Kind == PythonTokenKind.Name && i + 1 < tokens.Count && tokens[i + 1].Kind is PythonTokenKind.Name or PythonTokenKind.Number or PythonTokenKind.String
                && !Keywords.Contains(token.Text) && !Keywords.Contains(tokens[i + 1].Text))
            {
                return false;
            }

            statement |= first && token.Kind == PythonTokenKind.Name && Openers.Contains(token.Text);
            statement |= token.Is('=') || token.Is('(') || token.Is('@');
        }

        return statement;
    }

    /// <summary>Collects names. Scopes are not told apart: a name bound anywhere in the file counts as its own.</summary>
    private sealed class Names(string underTest)
    {
        private readonly HashSet<string> _bound = [];
        private readonly HashSet<string> _modules = [];
        private readonly List<string> _used = [];
        private readonly List<string> _imported = [];

        public List<string> TopLevel { get; } = [];

        public List<string> Tests { get; } = [];

        public List<string> Imports { get; } = [];

        public bool TopLevelAsserts { get; private set; }

        public bool DefinesProgram { get; private set; }

        public IReadOnlyList<string> Wanted() => [.. _imported.Concat(_used.Where(n => !_bound.Contains(n) && !IsKnown(n))).Distinct()];

        public void Read(IReadOnlyList<PythonToken> tokens, int i)
        {
            var token = tokens[i];
            if (token.Kind != PythonTokenKind.Name)
            {
                return;
            }

            var first = i == 0 || tokens[i - 1].Kind == PythonTokenKind.NewLine;
            if (token.Text is "def" or "class" && i + 1 < tokens.Count)
            {
                Definition(tokens, i);
            }
            else if (token.Text is "import" or "from" && first)
            {
                Import(tokens, i);
            }
            else if (token.Text is "for" or "as" or "lambda")
            {
                BindUntil(tokens, i + 1, token.Text);
            }
            else if (token.Text == "assert" && first && token.Indent == 0)
            {
                TopLevelAsserts = true;
            }
            else if (!Keywords.Contains(token.Text))
            {
                Plain(tokens, i);
            }
        }

        private void Definition(IReadOnlyList<PythonToken> tokens, int i)
        {
            var name = tokens[i + 1].Text;
            _bound.Add(name);
            if (tokens[i].Indent == 0)
            {
                TopLevel.Add(name);
                DefinesProgram |= !name.StartsWith("test", StringComparison.OrdinalIgnoreCase);
            }

            if (tokens[i].Text == "def" && name.StartsWith("test", StringComparison.Ordinal))
            {
                Tests.Add(name);
            }

            if (tokens[i].Text == "def")
            {
                Parameters(tokens, i + 2);
            }
        }

        private void Parameters(IReadOnlyList<PythonToken> tokens, int i)
        {
            if (i >= tokens.Count || !tokens[i].Is('('))
            {
                return;
            }

            var depth = tokens[i].Depth + 1;
            for (i++; i < tokens.Count && tokens[i].Depth >= depth; i++)
            {
                if (tokens[i].Kind == PythonTokenKind.Name && tokens[i].Depth == depth && (tokens[i - 1].Is('(') || tokens[i - 1].Is(',') || tokens[i - 1].Is('*')))
                {
                    _bound.Add(tokens[i].Text);
                }
            }
        }

        private void Import(IReadOnlyList<PythonToken> tokens, int i)
        {
            var from = tokens[i].Text == "from";
            var module = i + 1 < tokens.Count ? tokens[i + 1].Text : "";
            var names = false;
            if (from)
            {
                Imports.Add(module);
            }

            for (i++; i < tokens.Count && tokens[i].Kind != PythonTokenKind.NewLine && !tokens[i].Is(';'); i++)
            {
                var token = tokens[i];
                if (token.IsName("import"))
                {
                    names = true;
                }
                else if (token.Kind == PythonTokenKind.Name && !Keywords.Contains(token.Text) && !tokens[i - 1].Is('.'))
                {
                    _bound.Add(token.Text);
                    var ownName = !tokens[i - 1].IsName("as");
                    if (!from && ownName)
                    {
                        Imports.Add(token.Text);
                    }

                    if (from && names && module == underTest && ownName)
                    {
                        _imported.Add(token.Text);
                    }

                    if (!from && (ownName ? token.Text == underTest : _modules.Contains(underTest)))
                    {
                        _modules.Add(token.Text);
                    }
                }
            }
        }

        private void BindUntil(IReadOnlyList<PythonToken> tokens, int i, string keyword)
        {
            for (; i < tokens.Count && tokens[i].Kind != PythonTokenKind.NewLine; i++)
            {
                if (tokens[i].IsName("in") || tokens[i].Is(':') || (keyword == "as" && !tokens[i].Is('(') && tokens[i].Kind == PythonTokenKind.Operator))
                {
                    return;
                }

                // Defaults of a lambda's parameters are uses, not bindings.
                if (tokens[i].Kind == PythonTokenKind.Name && !tokens[i - 1].Is('='))
                {
                    _bound.Add(tokens[i].Text);
                }
            }
        }

        private void Plain(IReadOnlyList<PythonToken> tokens, int i)
        {
            var token = tokens[i];
            if (i > 0 && tokens[i - 1].Is('.'))
            {
                if (i > 1 && _modules.Contains(tokens[i - 2].Text))
                {
                    _imported.Add(token.Text);
                }

                return;
            }

            var next = i + 1 < tokens.Count ? tokens[i + 1] : default;
            var comparison = i + 2 < tokens.Count && tokens[i + 2].Is('=');
            if (next.Kind == PythonTokenKind.Operator && next.Is('=') && !comparison)
            {
                // An assignment at the line's own level, a keyword argument inside brackets: neither is a use.
                if (token.Depth == 0)
                {
                    Bind(token);
                    DefinesProgram |= token.Indent == 0 && i + 2 < tokens.Count && tokens[i + 2].IsName("lambda");
                }

                return;
            }

            if (next.Kind == PythonTokenKind.Operator && (next.Is(':') && comparison || IsTarget(tokens, i)))
            {
                Bind(token);
                return;
            }

            _used.Add(token.Text);
        }

        private void Bind(PythonToken token)
        {
            if (_bound.Add(token.Text) && token.Indent == 0 && token.Depth == 0)
            {
                TopLevel.Add(token.Text);
            }
        }

        /// <summary>Whether the name stands in a tuple that is assigned to: <c>a, b = …</c>.</summary>
        private static bool IsTarget(IReadOnlyList<PythonToken> tokens, int i)
        {
            var start = i;
            while (start > 0 && tokens[start - 1].Kind != PythonTokenKind.NewLine)
            {
                start--;
            }

            for (var at = start; at < tokens.Count && tokens[at].Kind != PythonTokenKind.NewLine; at++)
            {
                var token = tokens[at];
                if (token.Is('='))
                {
                    return at > i && !(at + 1 < tokens.Count && tokens[at + 1].Is('='));
                }

                if (token.Kind != PythonTokenKind.Name && !token.Is(',') && !token.Is('*') && !token.Is('(') && !token.Is(')'))
                {
                    return false;
                }

                if (token.Kind == PythonTokenKind.Name && Keywords.Contains(token.Text))
                {
                    return false;
                }

                if (token.Kind == PythonTokenKind.Name && at + 1 < tokens.Count && tokens[at + 1].Is('('))
                {
                    return false;
                }
            }

            return false;
        }
    }
}
