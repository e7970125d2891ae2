using CsCheck;
using EdgeCoder.Executor.Subset;

namespace EdgeCoder.Executor.Tests;

/// <summary>How modules become functions: at the same lines, with the same names.</summary>
public sealed class JavaScriptFileTests(ExecutorFixture fixture)
{
    private static readonly string[] Statements =
    [
        "import a1 from './helper.js'", "import {\n  one as a2,\n  two\n} from './helper.js'", "import * as a3 from './helper.js'", "import './helper.js'",
        "export const x1 = 1", "export function f1() {\n  return 2\n}", "export class C1 {}", "const y1 = 1, { z1 } = { z1: 2 }", "export { y2 as renamed }; const y2 = 3",
        "export * from './helper.js'", "export { one as again } from './helper.js'", "await null", "const text1 = `\n\n`", "/* import x from 'y'\n*/",
        "export default\n  class {}", "const dynamic = () => import('./helper.js')", "const where = import.meta.url",
    ];

    [Fact]
    public void Every_statement_stays_at_its_line() => Gen.Shuffle(Statements).SelectMany(order => Gen.Int[1, Statements.Length].Select(count => order[..count])).Sample(statements =>
    {
        var source = string.Join('\n', statements) + "\nconst marker = 'here'\nexport {}";
        var (file, refusal) = JavaScriptFile.Read("solution.js", source, new HashSet<string> { "helper" }, subset: true);

        Assert.True(file is not null, refusal?.Message);
        Assert.Equal(LineOf(source, "const marker"), LineOf(file.Wrapped, "const marker"));
        Assert.Equal(source.Count(c => c == '\n') + 1, file.Wrapped.Count(c => c == '\n'));
    });

    [Theory]
    [InlineData("let a = 1", false)]
    [InlineData("module.exports = 1", false)]
    [InlineData("return 5", false)]
    [InlineData("import 'fs'", true)]
    [InlineData("await 1", true)]
    [InlineData("export {}", true)]
    public void Script_and_module_are_told_apart(string source, bool module) => Assert.Equal(module, JavaScriptFile.Read("a.js", source, new HashSet<string>(), true).File!.IsModule);

    [Theory]
    [InlineData("export default function named() { return 3 }", "named()")]
    [InlineData("export default function () { return 3 }", "(await import('./solution.js')).default()")]
    [InlineData("export default class { x = 3 }", "new (await import('./solution.js')).default().x")]
    [InlineData("export default { x: 3 }.x", "(await import('./solution.js')).default")]
    [InlineData("export let n = 1\nexport function up() { n += 2 }", "(up(), n)")]
    [InlineData("const [a, { b: [c = 3] = [] }] = [1, {}]\nexport { c as 'string name' }", "(await import('./solution.js'))['string name']")]
    [InlineData("export * as path from 'path'\nexport const x = 3", "(await import('./solution.js')).path.sep.length + 2")]
    public async Task Exports_reach_the_tests(string solution, string expression)
    {
        var result = await fixture.Executor.JavaScriptAsync(solution, $"import assert from 'assert'\nassert.equal({expression}, 3)\n");

        Assert.True(result.Ok, result.Show());
    }

    [Fact]
    public async Task Import_of_a_name_that_is_not_exported_fails()
    {
        var result = await fixture.Executor.JavaScriptAsync("export const a = 1", "import { b } from './solution.js'\nimport assert from 'assert'\nassert(true)");

        Assert.Contains("does not provide an export named 'b'", Assert.Single(result.Tests!.Cases).Message, StringComparison.Ordinal);
    }

    private static int LineOf(string text, string part) => text.AsSpan(0, text.IndexOf(part, StringComparison.Ordinal)).Count('\n');
}
