using System.Globalization;
using Acornima.Ast;

namespace EdgeCoder.Executor.Subset;

/// <summary>
/// What a JavaScript program needs, read from its syntax trees: whether QuickJS in WebAssembly can run it or only node, and whether it computes for long by
/// honest means. Pure. A construct that is missed fails in QuickJS with an ordinary error; it never gets more than WebAssembly gives.
/// </summary>
/// <param name="NodeNeed">What only node has, and where it is used; null when there is nothing.</param>
/// <param name="IsCpuHeavy">Whether it has loops or recursion and no loop that can only be endless.</param>
internal sealed record JavaScriptProfile(string? NodeNeed, bool IsCpuHeavy)
{
    /// <summary>Modules that the runner in WebAssembly has, with or without <c>node:</c>.</summary>
    public static IReadOnlySet<string> Modules { get; } = Words("assert assert/strict console events path path/posix test timers timers/promises util util/types");

    // Globals of node, or of engines, that QuickJS lacks or has in another way.
    private static readonly HashSet<string> NodeGlobals = Words("""
        Buffer process URL URLSearchParams crypto performance fetch WebAssembly Intl SharedArrayBuffer Atomics Worker MessageChannel MessagePort BroadcastChannel Blob File FormData
        Headers Request Response WebSocket EventSource ReadableStream WritableStream TransformStream CompressionStream navigator FinalizationRegistry gc
        """);

    // Methods whose result depends on the language tables that QuickJS does not carry.
    private static readonly HashSet<string> LanguageMethods = Words("toLocaleString toLocaleDateString toLocaleTimeString toLocaleUpperCase toLocaleLowerCase");

    private static readonly string[] TestModules = ["test", "node:test"];

    /// <summary>Reads the files of a snippet.</summary>
    /// <param name="files">All of them, tests too.</param>
    /// <param name="tests">Whether there are test files: the runner in WebAssembly runs no tests that a program brings itself.</param>
    public static JavaScriptProfile Of(IReadOnlyList<JavaScriptFile> files, bool tests)
    {
        string? need = null;
        var heavy = false;
        var endless = false;
        foreach (var file in files)
        {
            var nodes = JavaScriptCheck.Nodes(file.Tree).ToList();
            need ??= Need(file, nodes, tests);
            heavy |= JavaScriptLoops.AnyIn(nodes);
            endless |= JavaScriptLoops.EndlessIn(nodes);
        }

        return new JavaScriptProfile(need, heavy && !endless);
    }

    private static string? Need(JavaScriptFile file, List<Node> nodes, bool tests)
    {
        var declared = JavaScriptCheck.Declared(nodes);
        var members = JavaScriptCheck.Members(nodes);
        var asked = nodes.OfType<UnaryExpression>().Where(node => node.Operator == Acornima.Operator.TypeOf).Select(node => node.Argument).ToHashSet<Node>(ReferenceEqualityComparer.Instance);
        (Node Node, string What)? first = null;
        foreach (var node in nodes)
        {
            if (!asked.Contains(node) && Construct(node, declared, members, tests) is { } what && (first is null || node.Start < first.Value.Node.Start))
            {
                first = (node, what);
            }
        }

        return first is not var (where, text) ? null : string.Create(CultureInfo.InvariantCulture, $"{text} ({file.Name}, line {where.Location.Start.Line})");
    }

    private static string? Construct(Node node, HashSet<string> declared, HashSet<Node> members, bool tests) => node switch
    {
        ImportDeclaration import => Module(import.Source.Value, tests),
        ExportAllDeclaration export => Module(export.Source.Value, tests),
        ExportNamedDeclaration { Source: { } source } => Module(source.Value, tests),
        ImportExpression { Source: StringLiteral source } => Module(source.Value, tests),
        CallExpression { Callee: Identifier { Name: "require" }, Arguments: [StringLiteral source] } when !declared.Contains("require") => Module(source.Value, tests),
        NewExpression { Callee: Identifier { Name: "Date" }, Arguments.Count: 0 } when !declared.Contains("Date") => "new Date(), the time of day",
        CallExpression { Callee: Identifier { Name: "Date" } } when !declared.Contains("Date") => "Date(), the time of day",
        MemberExpression { Object: Identifier { Name: "Date" }, Computed: false, Property: Identifier { Name: "now" } } when !declared.Contains("Date") => "Date.now(), the time of day",
        CallExpression { Callee: MemberExpression { Computed: false, Property: Identifier { Name: "localeCompare" } }, Arguments.Count: > 1 } => "localeCompare with a language",
        MemberExpression { Computed: false, Property: Identifier property } when LanguageMethods.Contains(property.Name) => property.Name,
        MemberExpression { Object: Identifier { Name: "globalThis" or "global" }, Computed: false, Property: Identifier property } when NodeGlobals.Contains(property.Name) => property.Name,
        MemberExpression { Object: Identifier { Name: "require" }, Computed: false, Property: Identifier { Name: "cache" or "extensions" } property } when !declared.Contains("require") => "require." + property.Name,
        MemberExpression { Object: Identifier { Name: "t" or "test" or "context" }, Computed: false, Property: Identifier { Name: "mock" } } or ImportSpecifier { Imported: Identifier { Name: "mock" } } => "mock of node:test",
        Identifier identifier when !members.Contains(identifier) && NodeGlobals.Contains(identifier.Name) && !declared.Contains(identifier.Name) => identifier.Name,
        _ => null,
    };

    private static string? Module(string specifier, bool tests)
    {
        var name = specifier.StartsWith("node:", StringComparison.Ordinal) ? specifier["node:".Length..] : specifier;
        if (!tests && TestModules.Contains(specifier))
        {
            return $"module '{specifier}' in a program that is run without test files";
        }

        var ofNode = JavaScriptSubset.AcceptedModules.Contains(name) || JavaScriptSubset.RefusedModules.ContainsKey(name) || specifier.Length != name.Length;
        return ofNode && !Modules.Contains(name) ? $"module '{specifier}'" : null;
    }

    private static HashSet<string> Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
}
