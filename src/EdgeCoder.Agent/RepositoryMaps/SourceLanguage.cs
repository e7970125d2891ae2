using System.Collections.Frozen;

namespace EdgeCoder.Agent.RepositoryMaps;

/// <summary>How a language shows what it defines.</summary>
internal enum DefinitionStyle
{
    /// <summary>By a word before the name alone: Python, Ruby, Rust, PHP.</summary>
    Words,

    /// <summary>Also by <c>name(...) {</c> at the beginning of a line: JavaScript and TypeScript.</summary>
    Script,

    /// <summary>Also by <c>type name(...)</c>: C#, Java, C, C++.</summary>
    Typed,

    /// <summary>Also by <c>func (receiver) name</c>: Go.</summary>
    Go,
}

/// <summary>What the symbol scanner must know of a language.</summary>
/// <param name="Definers">Words that come right before a name they define.</param>
/// <param name="Keywords">Words that are no references.</param>
/// <param name="Style">Other ways to define.</param>
/// <param name="HashComments">Whether <c>#</c> begins a comment.</param>
/// <param name="SlashComments">Whether <c>//</c> and <c>/*</c> begin comments.</param>
/// <param name="TripleQuotes">Whether three quotes begin a text over several lines.</param>
/// <param name="Backticks">Whether a backtick begins a text.</param>
/// <param name="QuoteIsMark">Whether <c>'</c> may also mark a name: Rust.</param>
/// <param name="NeedsBody">Whether a name after a definer counts only before <c>{</c> or <c>:</c>: C and C++.</param>
internal sealed record SourceLanguage(
    FrozenSet<string> Definers, FrozenSet<string> Keywords, DefinitionStyle Style, bool HashComments, bool SlashComments, bool TripleQuotes = false, bool Backticks = false, bool QuoteIsMark = false, bool NeedsBody = false)
{
    private static readonly SourceLanguage Python = new(
        Words("def class"), Words("and as assert async await break case continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try while with yield None True False self cls"),
        DefinitionStyle.Words, HashComments: true, SlashComments: false, TripleQuotes: true);

    private static readonly SourceLanguage Script = new(
        Words("function class interface enum namespace type"),
        Words("abstract any as async await boolean break case catch class const constructor continue debugger declare default delete do else enum export extends false finally for from function get if implements import in instanceof interface let namespace new null number of private protected public readonly return set static string super switch this throw true try type typeof undefined var void while with yield"),
        DefinitionStyle.Script, HashComments: false, SlashComments: true, Backticks: true);

    private static readonly SourceLanguage CSharp = new(
        Words("class interface struct enum record"),
        Words("abstract as async await base bool break byte case catch char checked class const continue decimal default delegate do double else enum event explicit extern false finally fixed float for foreach get goto if implicit in init int interface internal is lock long namespace new not null object operator out override params partial private protected public readonly record ref required return sbyte sealed set short sizeof stackalloc static string struct switch this throw true try typeof uint ulong unchecked unsafe ushort using value var virtual void volatile when where while with yield"),
        DefinitionStyle.Typed, HashComments: true, SlashComments: true, TripleQuotes: true);

    private static readonly SourceLanguage Java = new(
        Words("class interface enum record"),
        Words("abstract assert boolean break byte case catch char class const continue default do double else enum extends false final finally float for goto if implements import instanceof int interface long native new null package private protected public record return short static strictfp super switch synchronized this throw throws transient true try var void volatile while yield"),
        DefinitionStyle.Typed, HashComments: false, SlashComments: true, TripleQuotes: true);

    private static readonly SourceLanguage C = new(
        Words("class struct enum union namespace define"),
        Words("alignas alignof auto bool break case catch char class const constexpr continue default define delete do double else endif enum explicit export extern false final float for friend goto if ifdef ifndef include inline int long mutable namespace new noexcept nullptr operator override private protected public register return short signed sizeof static static_cast struct switch template this throw true try typedef typename undef union unsigned using virtual void volatile wchar_t while"),
        DefinitionStyle.Typed, HashComments: false, SlashComments: true, NeedsBody: true);

    private static readonly SourceLanguage Go = new(
        Words("func type"),
        Words("any append bool break byte case chan const continue default defer else error fallthrough false for func go goto if import int int32 int64 interface len make map new nil package range return rune select string struct switch true type uint var"),
        DefinitionStyle.Go, HashComments: false, SlashComments: true, Backticks: true);

    private static readonly SourceLanguage Rust = new(
        Words("fn struct enum trait mod type union const static macro_rules"),
        Words("as async await bool break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut pub ref return self Self static str struct super trait true type u8 u16 u32 u64 usize i32 i64 isize union unsafe use where while"),
        DefinitionStyle.Words, HashComments: false, SlashComments: true, QuoteIsMark: true);

    private static readonly SourceLanguage Ruby = new(
        Words("def class module"),
        Words("alias and begin break case class def defined do else elsif end ensure false for if in include module next nil not or private protected public redo require rescue retry return self super then true undef unless until when while yield"),
        DefinitionStyle.Words, HashComments: true, SlashComments: false);

    private static readonly SourceLanguage Php = new(
        Words("function class interface trait enum const"),
        Words("abstract and array as bool break callable case catch class clone const continue declare default do echo else elseif empty enum extends final finally fn for foreach function global if implements include instanceof int interface isset list match namespace new null or php print private protected public readonly require return self static string switch this throw trait true try unset use var void while yield false"),
        DefinitionStyle.Words, HashComments: true, SlashComments: true);

    private static readonly FrozenDictionary<string, SourceLanguage> ByEnding = new Dictionary<string, SourceLanguage>(StringComparer.OrdinalIgnoreCase)
    {
        [".py"] = Python, [".pyi"] = Python,
        [".js"] = Script, [".jsx"] = Script, [".mjs"] = Script, [".cjs"] = Script, [".ts"] = Script, [".tsx"] = Script, [".mts"] = Script, [".cts"] = Script, [".vue"] = Script, [".svelte"] = Script,
        [".cs"] = CSharp, [".java"] = Java, [".kt"] = Java, [".scala"] = Java,
        [".c"] = C, [".h"] = C, [".cc"] = C, [".cpp"] = C, [".cxx"] = C, [".hh"] = C, [".hpp"] = C, [".hxx"] = C,
        [".go"] = Go, [".rs"] = Rust, [".rb"] = Ruby, [".rake"] = Ruby, [".php"] = Php,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly string[] GeneratedEndings = [".min.js", ".bundle.js", ".g.cs", ".designer.cs", ".generated.cs", "_pb2.py", "_pb2_grpc.py", ".pb.go", "_generated.go", ".pb.h", ".pb.cc", ".d.ts"];

    /// <summary>The language of a file by its name; null when it has none here, or is generated by its name.</summary>
    public static SourceLanguage? Of(string name) =>
        ByEnding.GetValueOrDefault(Path.GetExtension(name)) is { } language && !GeneratedEndings.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase)) ? language : null;

    private static FrozenSet<string> Words(string words) => words.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
