using System.Text;
using CsCheck;
using EdgeCoder.Agent.RepositoryMaps;

namespace EdgeCoder.Agent.Tests.RepositoryMaps;

public sealed class SymbolScannerTests
{
    [Theory]
    [InlineData("a.py", "LIMIT = 5\nclass A(B):\n    async def f(self):\n        x = 1\n# def no():\n\"\"\"\ndef nor():\n\"\"\"\ndef g(): 'def h'\n", "LIMIT A f g")]
    [InlineData("a.js", "const top = 1;\nfunction f() {\n  const inner = 2;\n}\nexport class C {\n  async go(x) {\n    if (x) {\n    }\n  }\n}\n// function no() {}\nlet t = `function nor() {}`;\n", "top f C go t")]
    [InlineData("a.ts", "export interface I { x: number }\nexport type T = string;\nenum E { A }\nexport const k = () => 1;\n", "I T E k")]
    [InlineData("a.cs", "namespace N;\npublic sealed record R(int X);\ninternal class C : I\n{\n    private int _x = F(1);\n    public C(int a) : base(a) { }\n    public async Task<List<int>> RunAsync<T>(T x, int y = 2)\n    {\n        var z = Call(x);\n        return Other(z);\n    }\n    string? Name() => \"int No()\";\n}\n", "R C C RunAsync Name")]
    [InlineData("A.java", "public class A<T> extends B {\n  /* void no() {} */\n  public List<String> names(int x) throws E {\n    return foo(x);\n  }\n  interface I { int n(); }\n}\n", "A names I n")]
    [InlineData("a.go", "package p\ntype T struct {\n}\nfunc (t *T) Do(x int) error {\n\treturn f(x)\n}\nfunc New() *T {\n}\nvar Limit = 5\n", "T Do New Limit")]
    [InlineData("a.rs", "pub struct S<'a> { x: &'a str }\nimpl<'a> S<'a> {\n    pub fn new(c: char) -> Self { if c == '\"' { f() } }\n}\nenum E { A }\ntrait Tr { fn go(&self); }\nmacro_rules! mac { () => {} }\n", "S new E Tr go mac")]
    [InlineData("a.c", "#include <x.h>\n#define MAX 5\nstruct point { int x; };\nstruct point *p;\nstatic int add(int a, int b)\n{\n    return mul(a, b);\n}\nint sub(int a);\n", "MAX point add sub")]
    [InlineData("a.cpp", "class Foo : public Bar {\npublic:\n  void run(int x) const;\n};\nvoid Foo::run(int x) const {\n  go(x);\n}\n", "Foo run run")]
    [InlineData("a.rb", "module M\n  class C\n    def self.make(x)\n    end\n    def go!; end\n  end\nend\n", "M C make go")]
    [InlineData("a.php", "<?php\ninterface I {}\nclass C {\n  public function go($x) { return foo($x); }\n}\nfunction top() {}\n", "I C go top")]
    public void Definitions_of_each_language_are_found(string name, string text, string defined) =>
        Assert.Equal(defined, string.Join(' ', Scan(name, text).Definitions.Select(definition => definition.Name)));

    [Fact]
    public void Lines_and_signatures_are_those_of_the_file()
    {
        var symbols = Scan("a.py", "'''\ntext\n'''\n\n\tdef  f(x,\n      y): pass\n");
        var definition = Assert.Single(symbols.Definitions);
        Assert.Equal(5, definition.Line);
        Assert.Equal("def  f(x,", definition.Signature);
    }

    [Fact]
    public void Names_in_comments_and_texts_are_no_references()
    {
        var symbols = Scan("a.cs", "// alpha\n/* beta */ var x = \"gamma\" + delta(epsilon) + @\"zeta\";");
        Assert.Equal(["delta", "epsilon"], symbols.References.Keys.Order());
    }

    [Fact]
    public void Any_bytes_are_scanned_to_the_end()
    {
        string[] names = ["a.py", "a.js", "a.cs", "a.go", "a.rs", "a.c", "a.rb", "a.php", "a.java"];
        string[] pieces = ["def ", "class ", "f", "(", ")", "{", "}", "\"", "'", "`", "\"\"\"", "/*", "*/", "//", "#", "\n", "<", ">", "=", "\\", "\u00e9", " ", "func ", "9", ";", "."];
        Gen.Select(Gen.Int[0, names.Length - 1], Gen.Int[0, pieces.Length - 1].Array[0, 60]).Sample((name, parts) =>
        {
            var text = string.Concat(parts.Select(part => pieces[part]));
            var lines = text.Split('\n').Length;
            Assert.All(Scan(names[name], text).Definitions, definition => Assert.InRange(definition.Line, 1, lines));
        });
    }

    private static FileSymbols Scan(string name, string text) => SymbolScanner.Scan(Encoding.UTF8.GetBytes(text), SourceLanguage.Of(name)!, new NamePool());
}
