using Acornima.Ast;

namespace EdgeCoder.Executor.Subset;

/// <summary>Loops and recursion of a JavaScript program, as far as its syntax tells.</summary>
internal static class JavaScriptLoops
{
    /// <summary>Whether anything is repeated: a loop, or a function that names itself.</summary>
    public static bool AnyIn(IReadOnlyList<Node> nodes) =>
        nodes.Any(node => node is ForStatement or ForInStatement or ForOfStatement or WhileStatement or DoWhileStatement) || nodes.Any(CallsItself);

    /// <summary>Whether there is a loop without a condition and without a way out of it.</summary>
    public static bool EndlessIn(IReadOnlyList<Node> nodes) => nodes.Any(node => node switch
    {
        WhileStatement { Test: { } test, Body: { } body } => IsTrue(test) && !HasWayOut(body),
        DoWhileStatement { Test: { } test, Body: { } body } => IsTrue(test) && !HasWayOut(body),
        ForStatement { Test: var test, Body: { } body } => (test is null || IsTrue(test)) && !HasWayOut(body),
        _ => false,
    });

    private static bool IsTrue(Expression test) => test is BooleanLiteral { Value: true } or NumericLiteral { Value: not 0 } || (test is UnaryExpression { Operator: Acornima.Operator.LogicalNot, Argument: NumericLiteral { Value: 0 } });

    // A way out of an inner loop or of an inner function leads nowhere; a label may lead anywhere, and a generator stops at each yield.
    private static bool HasWayOut(Node body)
    {
        var stack = new Stack<(Node Node, bool Inner)>([(body, false)]);
        while (stack.TryPop(out var entry))
        {
            var (node, inner) = entry;
            if (node is ReturnStatement or ThrowStatement or YieldExpression || (node is BreakStatement leaving && (!inner || leaving.Label is not null)) || node is ContinueStatement { Label: not null })
            {
                return true;
            }

            if (node is IFunction or IClass)
            {
                continue;
            }

            inner |= node is ForStatement or ForInStatement or ForOfStatement or WhileStatement or DoWhileStatement or SwitchStatement;
            foreach (var child in node.ChildNodes)
            {
                stack.Push((child, inner));
            }
        }

        return false;
    }

    private static bool CallsItself(Node node)
    {
        var (name, function) = node switch
        {
            FunctionDeclaration { Id: { } id } own => (id.Name, (Node)own.Body),
            FunctionExpression { Id: { } id } own => (id.Name, own.Body),
            VariableDeclarator { Id: Identifier id, Init: FunctionExpression or ArrowFunctionExpression } variable => (id.Name, variable.Init!),
            MethodDefinition { Key: Identifier key, Value: { } value } => (key.Name, value),
            Property { Key: Identifier key, Value: FunctionExpression value } => (key.Name, value),
            _ => (null, null),
        };
        return name is not null && JavaScriptCheck.Nodes(function!).Any(inner => inner is CallExpression { Callee: var callee } && callee switch
        {
            Identifier own => own.Name == name,
            MemberExpression { Computed: false, Property: Identifier own } => own.Name == name,
            _ => false,
        });
    }
}
