using Acornima.Ast;

namespace EdgeCoder.Executor.Subset;

/// <summary>
/// Empty expressions before statements that are none. QuickJS notes the line of expression statements and calls only: an error in a declaration, a condition
/// or a returned value would be told with the line at which its function begins. It compiles the marks to nothing.
/// </summary>
internal static class StatementMarks
{
    private const string Mark = "0;";

    /// <summary>The changes to a file's text: where, and what stands there then. Columns stay where there is room before the statement.</summary>
    public static IEnumerable<(int Start, int End, string Text)> Of(string text, Program program)
    {
        foreach (var node in JavaScriptCheck.Nodes(program))
        {
            var list = node switch
            {
                Program whole => whole.Body,
                BlockStatement block => block.Body,
                SwitchCase one => one.Consequent,
                _ => [],
            };
            foreach (var statement in list)
            {
                if (statement is VariableDeclaration or ReturnStatement or ThrowStatement or IfStatement or ForStatement or ForInStatement or ForOfStatement or WhileStatement or DoWhileStatement or SwitchStatement)
                {
                    var room = statement.Start >= Mark.Length && text.AsSpan(statement.Start - Mark.Length, Mark.Length) is "  " or "\t\t";
                    yield return (room ? statement.Start - Mark.Length : statement.Start, statement.Start, Mark);
                }
            }
        }
    }
}
