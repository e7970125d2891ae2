using System.Text;
using System.Text.Json;
using Acornima;
using Acornima.Ast;

namespace EdgeCoder.Executor.Subset;

/// <summary>
/// One JavaScript file, read and checked, and the function expression that the runner compiles for it. A module's imports and exports are rewritten to calls
/// of the runner at the same lines, so that scripts and modules load the same way on every node, mixed, and without a loader thread.
/// </summary>
/// <remarks>
/// An import is bound once, after its module has run; live bindings of circular imports are the one thing that differs from a module loader.
/// </remarks>
internal sealed class JavaScriptFile
{
    private readonly List<(int Start, int End, string Text)> edits = [];
    private readonly List<string> loads = [];
    private readonly List<(string Name, string Expression)> exports = [];

    private JavaScriptFile(string name, string text, Program program, bool marked)
    {
        Name = name;
        Tree = program;
        if (marked)
        {
            edits.AddRange(StatementMarks.Of(text, program));
        }

        IsModule = program is Module;
        var body = Rewrite(text, program);
        Prefix = BuildPrefix(program);
        Wrapped = Prefix + body + "\n}})";
        var last = program.Body.Count == 0 ? null : program.Body[^1];
        LastStatement = last is null ? (1, 1) : (last.Location.Start.Line, last.Location.Start.Column + 1);
    }

    /// <summary>Name of the file.</summary>
    public string Name { get; }

    /// <summary>The syntax tree of the file as it was given.</summary>
    public Program Tree { get; }

    /// <summary>Whether it is a module; else it is a script.</summary>
    public bool IsModule { get; }

    /// <summary>The function expression: <c>(function (exports, require, module, __filename, __dirname, __edgecoder) { return function () { … } })</c>.</summary>
    public string Wrapped { get; }

    /// <summary>What stands before the file's own first column.</summary>
    public string Prefix { get; }

    /// <summary>Line and column, from 1, at which the last statement at top level begins: a program that exits from there on has reached its end.</summary>
    public (int Line, int Column) LastStatement { get; }

    /// <summary>Reads a file: as a script, and where that fails as a module. Gives the file or the fault.</summary>
    /// <param name="name">Name of the file.</param>
    /// <param name="text">Its text.</param>
    /// <param name="own">Names of the snippet's files, without extension.</param>
    /// <param name="subset">Whether the subset is checked.</param>
    /// <param name="marked">Whether statements are marked with their places, for QuickJS.</param>
    public static (JavaScriptFile? File, SubsetRefusal? Refusal) Read(string name, string text, IReadOnlySet<string> own, bool subset, bool marked = false)
    {
        // "#!" is a comment of the first line for node.
        var readable = text.StartsWith("#!", StringComparison.Ordinal) ? string.Concat("//", text.AsSpan(2)) : text;
        try
        {
            var program = Parse(readable, name);
            return subset && JavaScriptCheck.FirstFault(program, name, own) is { } refusal ? (null, refusal) : (new JavaScriptFile(name, readable, program, marked), null);
        }
        catch (ParseErrorException exception)
        {
            return (null, new SubsetRefusal { Construct = exception.Description ?? "does not parse", File = name, Line = Math.Max(1, exception.LineNumber), Column = exception.Column + 1 });
        }
        catch (InsufficientExecutionStackException)
        {
            return (null, new SubsetRefusal { Rule = "source.depth", Construct = "nesting", File = name, Line = 1, Column = 1 });
        }
    }

    private static Program Parse(string text, string name)
    {
        var options = new ParserOptions { AllowReturnOutsideFunction = true };
        var moduleByName = name.EndsWith(".mjs", StringComparison.Ordinal);
        if (!moduleByName)
        {
            try
            {
                return new Parser(options).ParseScript(text);
            }
            catch (ParseErrorException scriptError)
            {
                try
                {
                    return new Parser(options with { AllowReturnOutsideFunction = false }).ParseModule(text);
                }
                catch (ParseErrorException moduleError)
                {
                    // The reading that came further says what is wrong with the file; the other one only says that it is not of its kind.
                    throw scriptError.Error.Index >= moduleError.Error.Index ? scriptError : moduleError;
                }
            }
        }

        return new Parser(options with { AllowReturnOutsideFunction = false }).ParseModule(text);
    }

    private string BuildPrefix(Program program)
    {
        var names = new List<string>();
        foreach (var statement in program.Body)
        {
            AddDeclared(statement is ExportNamedDeclaration { Declaration: { } declaration } ? declaration : statement, names);
        }

        var text = new StringBuilder("(function (exports, require, module, __filename, __dirname, __edgecoder) { return ");
        text.Append(IsModule ? "async function () { \"use strict\"; " : "function () { ");
        if (program.Strict && !IsModule)
        {
            text.Append("\"use strict\"; ");
        }

        text.Append("__edgecoder.names({").AppendJoin(", ", names.Distinct(StringComparer.Ordinal).Select(name => $"{name}: () => {name}")).Append("}); ");
        if (IsModule)
        {
            text.Append("__edgecoder.exports({").AppendJoin(", ", exports.Select(export => $"{JsonEncodedText.Encode(export.Name) switch { var e => $"\"{e}\"" }}: () => {export.Expression}")).Append("}); ");
            foreach (var load in loads)
            {
                text.Append(load).Append(' ');
            }
        }

        return text.ToString();
    }

    private string Rewrite(string text, Program program)
    {
        if (IsModule)
        {
            foreach (var statement in program.Body)
            {
                RewriteStatement(text, statement);
            }
        }

        foreach (var node in JavaScriptCheck.Nodes(program))
        {
            if (node is ImportExpression import)
            {
                edits.Add((import.Start, import.Start + "import".Length, "__edgecoder.dynamic"));
            }
            else if (node is MetaProperty { Meta.Name: "import" })
            {
                edits.Add((node.Start, node.End, "__edgecoder.meta"));
            }
        }

        var result = new StringBuilder();
        var at = 0;
        foreach (var (start, end, replacement) in edits.OrderBy(edit => edit.Start))
        {
            result.Append(text, at, start - at).Append(replacement);

            // Lines stay where they were.
            result.Append('\n', text.AsSpan(start, end - start).Count('\n') - replacement.AsSpan().Count('\n'));
            at = end;
        }

        return result.Append(text, at, text.Length - at).ToString();
    }

    private void RewriteStatement(string text, Statement statement)
    {
        switch (statement)
        {
            case ImportDeclaration import:
                var module = Load(import.Source.Value);
                foreach (var specifier in import.Specifiers)
                {
                    loads.Add(specifier switch
                    {
                        ImportDefaultSpecifier one => $"const {one.Local.Name} = __edgecoder.pick({module}, \"default\");",
                        ImportNamespaceSpecifier all => $"const {all.Local.Name} = {module};",
                        ImportSpecifier one => $"const {one.Local.Name} = __edgecoder.pick({module}, {Quoted(NameOf(one.Imported))});",
                        _ => "",
                    });
                }

                edits.Add((import.Start, import.End, ";"));
                break;
            case ExportAllDeclaration all:
                var source = Load(all.Source.Value);
                if (all.Exported is { } exported)
                {
                    exports.Add((NameOf(exported), source));
                }
                else
                {
                    loads.Add($"__edgecoder.all({source});");
                }

                edits.Add((all.Start, all.End, ";"));
                break;
            case ExportNamedDeclaration { Declaration: { } declaration } named:
                var names = new List<string>();
                AddDeclared(declaration, names);
                exports.AddRange(names.Select(name => (name, name)));
                edits.Add((named.Start, declaration.Start, ""));
                break;
            case ExportNamedDeclaration named:
                var from = named.Source is { } where ? Load(where.Value) : null;
                foreach (var specifier in named.Specifiers)
                {
                    var local = NameOf(specifier.Local);
                    exports.Add((NameOf(specifier.Exported), from is null ? local : $"__edgecoder.pick({from}, {Quoted(local)})"));
                }

                edits.Add((named.Start, named.End, ";"));
                break;
            case ExportDefaultDeclaration { Declaration: FunctionDeclaration { Id: { } id } } value:
                exports.Add(("default", id.Name));
                edits.Add((value.Start, value.Declaration.Start, ""));
                break;
            case ExportDefaultDeclaration { Declaration: ClassDeclaration { Id: { } id } } value:
                exports.Add(("default", id.Name));
                edits.Add((value.Start, value.Declaration.Start, ""));
                break;
            case ExportDefaultDeclaration value:
                exports.Add(("default", "__edgecoder.defaultValue"));
                edits.Add((value.Start, value.Declaration.Start, "__edgecoder.defaultValue = "));
                if (value.Declaration is FunctionDeclaration or ClassDeclaration)
                {
                    edits.Add((value.End, value.End, ";"));
                }

                break;
        }
    }

    private string Load(string specifier)
    {
        var name = $"__edgecoder_{loads.Count}";
        loads.Add($"const {name} = await __edgecoder.load({Quoted(specifier)});");
        return name;
    }

    private static string Quoted(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private static string NameOf(Expression name) => name is Identifier identifier ? identifier.Name : ((StringLiteral)name).Value;

    private static void AddDeclared(Node statement, List<string> names)
    {
        switch (statement)
        {
            case FunctionDeclaration { Id: { } id }:
                names.Add(id.Name);
                break;
            case ClassDeclaration { Id: { } id }:
                names.Add(id.Name);
                break;
            case ExportDefaultDeclaration value when value.Declaration is FunctionDeclaration or ClassDeclaration:
                AddDeclared(value.Declaration, names);
                break;
            case VariableDeclaration variables:
                foreach (var declarator in variables.Declarations)
                {
                    JavaScriptCheck.AddBound(declarator.Id, names);
                }

                break;
        }
    }
}
