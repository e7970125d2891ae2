using EdgeCoder.Agent.Snippets;
using EdgeCoder.Executor;

namespace EdgeCoder.Agent.Vacuity;

/// <summary>A program that has the wanted public names and always raises. Tests that pass against it prove nothing.</summary>
internal static class StubProgram
{
    /// <summary>Writes it.</summary>
    public static SnippetFile Write(SnippetLanguage language, IReadOnlyList<string> names) => new(
        SnippetFiles.For(language).CodeFile,
        language == SnippetLanguage.Python ? Python(names) : JavaScript(names));

    // A class so that it can be called, made, subscripted and inherited from, and every use of it raises.
    private static string Python(IReadOnlyList<string> names) =>
        """
        class _Raises(type):
            def __call__(cls, *args, **kwargs):
                raise NotImplementedError("stub")
            def __getattr__(cls, name):
                raise (AttributeError if name.startswith("__") else NotImplementedError)("stub")

        """ + string.Concat(names.Select(n => $"\nclass {n}(metaclass=_Raises):\n    pass\n"));

    private static string JavaScript(IReadOnlyList<string> names) =>
        string.Concat(names.Select(n => $"function {n}(...args) {{ throw new Error('stub'); }}\n")) + $"module.exports = {{ {string.Join(", ", names)} }};\n";
}
