using Acornima;
using Acornima.Ast;

namespace EdgeCoder.Agent.Sources;

/// <summary>Reads the outline of JavaScript from its syntax tree.</summary>
internal static class JavaScriptOutline
{
    private static readonly HashSet<string> Globals =
    [
        "undefined", "NaN", "Infinity", "globalThis", "Object", "Array", "Function", "Boolean", "Symbol", "Number", "BigInt", "Math", "Date", "String", "RegExp", "Map", "Set",
        "WeakMap", "WeakSet", "WeakRef", "JSON", "Promise", "Proxy", "Reflect", "Intl", "Error", "TypeError", "RangeError", "SyntaxError", "ReferenceError", "EvalError",
        "URIError", "AggregateError", "ArrayBuffer", "DataView", "Int8Array", "Uint8Array", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array", "Float32Array",
        "Float64Array", "BigInt64Array", "BigUint64Array", "Uint8ClampedArray", "parseInt", "parseFloat", "isNaN", "isFinite", "encodeURIComponent", "decodeURIComponent",
        "encodeURI", "decodeURI", "console", "setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "queueMicrotask", "structuredClone", "URL",
        "URLSearchParams", "TextEncoder", "TextDecoder", "AbortController", "AbortSignal", "performance", "crypto", "Buffer", "process", "require", "module", "exports",
        "__dirname", "__filename", "arguments", "assert", "test", "it", "describe", "expect", "before", "after", "beforeEach", "afterEach", "suite", "jest",
    ];

    private static readonly HashSet<string> TestCalls = ["test", "it", "describe"];

    public static SourceOutline Read(string text, string underTest)
    {
        if (Parse(text) is not { Body.Count: > 0 } program || program.Body.All(IsBareWord))
        {
            return SourceOutline.NoCode;
        }

        var names = new Names(underTest);
        names.Visit(program);
        return new SourceOutline
        {
            LooksLikeCode = true,
            Defined = [.. program.Body.SelectMany(DefinedBy).Distinct()],
            DefinesProgram = program.Body.Any(DefinesProgram),
            Wanted = names.Wanted(),
            Imports = names.Imports,
            TestNames = names.Tests,
            HasTests = names.Tests.Count > 0 || program.Body.Any(IsAssertion),
        };
    }

    private static Acornima.Ast.Program? Parse(string text)
    {
        var parser = new Parser(new ParserOptions { AllowAwaitOutsideFunction = true, AllowReturnOutsideFunction = false });
        try
        {
            return parser.ParseModule(text);
        }
        catch (Exception fault) when (fault is ParseErrorException or InsufficientExecutionStackException)
        {
        }

        try
        {
            return parser.ParseScript(text);
        }
        catch (Exception fault) when (fault is ParseErrorException or InsufficientExecutionStackException)
        {
            return null;
        }
    }

    /// <summary>A lone word or string parses, but it is no program.</summary>
    private static bool IsBareWord(Statement statement) => statement is ExpressionStatement { Expression: Identifier or Literal or BinaryExpression };

    private static bool IsAssertion(Statement statement) =>
        statement is ExpressionStatement { Expression: CallExpression { Callee: var callee } }
        && callee is Identifier { Name: "assert" } or MemberExpression { Object: Identifier { Name: "assert" } };

    private static bool DefinesProgram(Node statement) => statement switch
    {
        FunctionDeclaration or ClassDeclaration => true,
        VariableDeclaration variables => variables.Declarations.Any(d => d.Init is IFunction or IClass),
        ExportNamedDeclaration { Declaration: { } declaration } => DefinesProgram(declaration),
        ExportDefaultDeclaration { Declaration: var declaration } => declaration is IFunction or IClass,
        ExpressionStatement { Expression: AssignmentExpression { Right: IFunction or IClass } } => true,
        _ => false,
    };

    private static IEnumerable<string> DefinedBy(Node statement) => statement switch
    {
        FunctionDeclaration { Id: { } id } => [id.Name],
        ClassDeclaration { Id: { } id } => [id.Name],
        VariableDeclaration variables => variables.Declarations.Select(d => d.Id).OfType<Identifier>().Select(i => i.Name),
        ExportNamedDeclaration { Declaration: { } declaration } => DefinedBy(declaration),
        ExportDefaultDeclaration { Declaration: var declaration } => DefinedBy(declaration),
        _ => [],
    };

    /// <summary>Collects names. Scopes are not told apart: a name bound anywhere in the file counts as its own.</summary>
    private sealed class Names(string underTest)
    {
        private readonly HashSet<string> _bound = [];
        private readonly List<string> _used = [];
        private readonly List<string> _imported = [];

        public List<string> Tests { get; } = [];

        public List<string> Imports { get; } = [];

        public IReadOnlyList<string> Wanted() => [.. _imported.Concat(_used.Where(n => !_bound.Contains(n) && !Globals.Contains(n))).Distinct()];

        public void Visit(Node node)
        {
            if (SourceOf(node) is { } path && path.StartsWith('.'))
            {
                Imports.Add(Path.GetFileNameWithoutExtension(path));
            }

            switch (node)
            {
                case Identifier identifier:
                    _used.Add(identifier.Name);
                    return;
                case MemberExpression { Computed: false } member:
                    Visit(member.Object);
                    return;
                case VariableDeclarator { Init: CallExpression { Callee: Identifier { Name: "require" } } require } declarator when IsUnderTest(require.Arguments.FirstOrDefault()):
                    Required(declarator.Id);
                    return;
                case VariableDeclarator declarator:
                    Bind(declarator.Id);
                    VisitIf(declarator.Init);
                    return;
                case IFunction function:
                    Function(function);
                    return;
                case IClass @class:
                    Class(@class);
                    return;
                case CatchClause clause:
                    Bind(clause.Param);
                    Visit(clause.Body);
                    return;
                case ImportDeclaration import:
                    Import(import);
                    return;
                case ExportNamedDeclaration { Declaration: null }:
                    return;
                case Property { Computed: false } property:
                    Visit(property.Value);
                    return;
                case LabeledStatement labeled:
                    Visit(labeled.Body);
                    return;
                case BreakStatement or ContinueStatement:
                    return;
                case CallExpression { Callee: Identifier callee } call when TestCalls.Contains(callee.Name) && call.Arguments.FirstOrDefault() is StringLiteral title:
                    Tests.Add(title.Value);
                    break;
            }

            foreach (var child in node.ChildNodes)
            {
                Visit(child);
            }
        }

        private static string? SourceOf(Node node) => node switch
        {
            ImportDeclaration import => import.Source.Value,
            VariableDeclarator { Init: CallExpression { Callee: Identifier { Name: "require" } } require } => (require.Arguments.FirstOrDefault() as StringLiteral)?.Value,
            _ => null,
        };

        private void VisitIf(Node? node)
        {
            if (node is not null)
            {
                Visit(node);
            }
        }

        private bool IsUnderTest(Node? source) => source is StringLiteral { Value: var path } && Path.GetFileNameWithoutExtension(path) == underTest;

        private void Required(Node target)
        {
            if (target is ObjectPattern pattern)
            {
                _imported.AddRange(pattern.Properties.OfType<Property>().Select(p => p.Key).OfType<Identifier>().Select(k => k.Name));
            }

            Bind(target);
        }

        private void Import(ImportDeclaration import)
        {
            foreach (var specifier in import.Specifiers)
            {
                _bound.Add(specifier.Local.Name);
                if (IsUnderTest(import.Source) && specifier is ImportSpecifier { Imported: Identifier imported })
                {
                    _imported.Add(imported.Name);
                }
                else if (IsUnderTest(import.Source) && specifier is ImportDefaultSpecifier)
                {
                    _imported.Add(specifier.Local.Name);
                }
            }
        }

        private void Function(IFunction function)
        {
            Bind(function.Id);
            foreach (var parameter in function.Params)
            {
                Bind(parameter);
            }

            Visit(function.Body);
        }

        private void Class(IClass @class)
        {
            Bind(@class.Id);
            VisitIf(@class.SuperClass);
            foreach (var member in @class.Body.Body)
            {
                foreach (var child in member is IClassElement ? member.ChildNodes.Where(c => c is not Identifier) : member.ChildNodes)
                {
                    Visit(child);
                }
            }
        }

        /// <summary>Binds every name of a pattern; its default values are uses.</summary>
        private void Bind(Node? target)
        {
            switch (target)
            {
                case null:
                    return;
                case Identifier identifier:
                    _bound.Add(identifier.Name);
                    return;
                case AssignmentPattern pattern:
                    Bind(pattern.Left);
                    Visit(pattern.Right);
                    return;
                case AssignmentProperty property:
                    Bind(property.Value);
                    return;
                default:
                    foreach (var child in target.ChildNodes)
                    {
                        Bind(child);
                    }

                    return;
            }
        }
    }
}
