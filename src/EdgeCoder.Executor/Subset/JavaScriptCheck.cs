using Acornima;
using Acornima.Ast;

namespace EdgeCoder.Executor.Subset;

/// <summary>Finds the first construct outside the subset in a JavaScript syntax tree. Names count, not strings, comments, or members of objects.</summary>
internal static class JavaScriptCheck
{
    /// <summary>All nodes of a tree, parents first; without recursion, so that depth costs memory and not the stack.</summary>
    public static IEnumerable<Node> Nodes(Node root)
    {
        var stack = new Stack<Node>();
        stack.Push(root);
        while (stack.TryPop(out var node))
        {
            yield return node;
            foreach (var child in node.ChildNodes)
            {
                stack.Push(child);
            }
        }
    }

    /// <summary>Adds the names that a pattern binds.</summary>
    public static void AddBound(Node? pattern, ICollection<string> names)
    {
        switch (pattern)
        {
            case Identifier identifier:
                names.Add(identifier.Name);
                break;
            case ObjectPattern item:
                foreach (var property in item.Properties)
                {
                    AddBound(property is Property { Value: var value } ? value : property, names);
                }

                break;
            case ArrayPattern item:
                foreach (var element in item.Elements)
                {
                    AddBound(element, names);
                }

                break;
            case AssignmentPattern item:
                AddBound(item.Left, names);
                break;
            case RestElement item:
                AddBound(item.Argument, names);
                break;
        }
    }

    /// <summary>The first fault in source order, or null.</summary>
    /// <param name="program">The tree.</param>
    /// <param name="file">Name of the file.</param>
    /// <param name="own">Names of the snippet's files, without extension.</param>
    public static SubsetRefusal? FirstFault(Program program, string file, IReadOnlySet<string> own)
    {
        var nodes = Nodes(program).ToList();
        var declared = Declared(nodes);
        var members = Members(nodes);
        (Node Node, string Rule, string Construct)? first = null;
        foreach (var node in nodes)
        {
            if (Fault(node, declared, members, own) is var (rule, construct) && (first is null || node.Start < first.Value.Node.Start))
            {
                first = (node, rule, construct);
            }
        }

        return first is not var (where, key, text) ? null : new SubsetRefusal
        {
            Rule = key,
            Construct = text,
            File = file,
            Line = where.Location.Start.Line,
            Column = where.Location.Start.Column + 1,
        };
    }

    private static (string Rule, string Construct)? Fault(Node node, HashSet<string> declared, HashSet<Node> members, IReadOnlySet<string> own) => node switch
    {
        ImportDeclaration import => Module(import.Source.Value, own, "import"),
        ExportAllDeclaration export => Module(export.Source.Value, own, "export from"),
        ExportNamedDeclaration { Source: { } source } => Module(source.Value, own, "export from"),
        ImportExpression { Source: StringLiteral source } => Module(source.Value, own, "import"),
        ImportExpression => ("name.runtime_code", "import() of a computed name"),
        CallExpression { Callee: Identifier { Name: "require" }, Arguments: [StringLiteral source] } when !declared.Contains("require") => Module(source.Value, own, "require"),
        CallExpression { Callee: Identifier { Name: "require" } } when !declared.Contains("require") => ("name.runtime_code", "require of a computed name"),
        CallExpression { Callee: Identifier { Name: "Function" } } or NewExpression { Callee: Identifier { Name: "Function" } } when !declared.Contains("Function") =>
            (JavaScriptSubset.RefusedGlobals["Function"], "Function"),
        Identifier { Name: not "Function" } identifier when !members.Contains(identifier) && !declared.Contains(identifier.Name)
            && JavaScriptSubset.RefusedGlobals.TryGetValue(identifier.Name, out var rule) => (rule, identifier.Name),
        MemberExpression { Object: Identifier { Name: "process" }, Computed: false, Property: Identifier property } when !declared.Contains("process")
            && JavaScriptSubset.RefusedProcessMembers.TryGetValue(property.Name, out var rule) => (rule, "process." + property.Name),
        MemberExpression { Object: Identifier { Name: "globalThis" or "global" }, Computed: false, Property: Identifier property }
            when JavaScriptSubset.RefusedGlobals.TryGetValue(property.Name, out var rule) => (rule, property.Name),
        _ => null,
    };

    private static (string Rule, string Construct)? Module(string specifier, IReadOnlySet<string> own, string how)
    {
        var construct = $"{how} '{specifier}'";
        if (specifier.StartsWith("./", StringComparison.Ordinal) || specifier.StartsWith("../", StringComparison.Ordinal))
        {
            var stem = Path.GetFileNameWithoutExtension(specifier);
            return own.Contains(stem) || specifier.EndsWith(".json", StringComparison.Ordinal) ? null : ("module.unknown", construct);
        }

        var name = specifier.StartsWith("node:", StringComparison.Ordinal) ? specifier["node:".Length..] : specifier;
        return JavaScriptSubset.AcceptedModules.Contains(name, StringComparer.Ordinal) ? null
            : (JavaScriptSubset.RefusedModules.GetValueOrDefault(name, "module.unknown"), construct);
    }

    /// <summary>All names that the program declares anywhere.</summary>
    public static HashSet<string> Declared(List<Node> nodes)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            switch (node)
            {
                case VariableDeclarator declarator:
                    AddBound(declarator.Id, names);
                    break;
                case CatchClause { Param: { } parameter }:
                    AddBound(parameter, names);
                    break;
                case IFunction function:
                    AddBound(function.Id, names);
                    foreach (var parameter in function.Params)
                    {
                        AddBound(parameter, names);
                    }

                    break;
                case IClass { Id: { } id }:
                    AddBound(id, names);
                    break;
                case ImportDeclarationSpecifier { Local: { } local }:
                    AddBound(local, names);
                    break;
            }
        }

        return names;
    }

    /// <summary>Identifiers that name a member, a key or a label: they refer to nothing.</summary>
    public static HashSet<Node> Members(List<Node> nodes)
    {
        var found = new HashSet<Node>(ReferenceEqualityComparer.Instance);
        foreach (var node in nodes)
        {
            Node? name = node switch
            {
                MemberExpression { Computed: false } member => member.Property,
                Property { Computed: false, Shorthand: false } property => property.Key,
                MethodDefinition { Computed: false } method => method.Key,
                PropertyDefinition { Computed: false } property => property.Key,
                LabeledStatement label => label.Label,
                BreakStatement label => label.Label,
                ContinueStatement label => label.Label,
                ImportSpecifier import => import.Imported,
                ExportSpecifier export => export.Exported,
                MetaProperty meta => meta.Property,
                _ => null,
            };
            if (name is not null)
            {
                found.Add(name);
            }
        }

        return found;
    }
}
