using EdgeCoder.Agent.Snippets;
using EdgeCoder.Agent.Sources;
using EdgeCoder.Executor;

namespace EdgeCoder.Agent.Replies;

/// <summary>Reads code or tests out of a reply: files, or what was wrong in words for the model.</summary>
/// <param name="Files">The files, the program's own first; empty when there is none.</param>
/// <param name="Fault">What was wrong, with the expected shape; absent when there are files.</param>
internal sealed record CodeReply(IReadOnlyList<SnippetFile> Files, string? Fault)
{
    /// <summary>Tags of blocks that are never code of a snippet.</summary>
    private static readonly HashSet<string> NotCode =
    [
        "sh", "shell", "bash", "zsh", "fish", "console", "terminal", "cmd", "bat", "powershell", "ps1", "shellsession", "session", "pycon",
        "text", "txt", "plain", "plaintext", "output", "stdout", "stderr", "log", "diff", "patch", "json", "yaml", "yml", "toml", "xml", "html", "css", "markdown", "md", "sql",
    ];

    /// <summary>Reads the program.</summary>
    public static CodeReply ReadCode(string reply, SnippetLanguage language)
    {
        var words = SnippetFiles.For(language);
        var all = Candidates(reply, language).ToList();
        var candidates = all.Where(c => !c.IsTests).ToList();
        if (candidates.Count == 0)
        {
            candidates = [.. all.Where(c => !c.NamedAsTests && c.Outline.DefinesProgram)];
        }

        if (candidates.Count == 0)
        {
            return new([], Missing(words, words.CodeFile, reply));
        }

        // Blocks that name different files belong together; blocks without a name are versions of one file.
        var named = candidates.Where(c => c.File is not null && c.File != words.CodeFile).GroupBy(c => c.File!).Select(g => new SnippetFile(g.Key, Best(g.ToList()).Text)).ToList();
        var unnamed = candidates.Where(c => c.File is null || c.File == words.CodeFile).ToList();
        var program = unnamed.Count > 0
            ? new SnippetFile(words.CodeFile, Best(unnamed).Text)
            : named[0] with { Name = words.CodeFile };
        return new([program, .. unnamed.Count > 0 ? named : named.Skip(1)], null);
    }

    /// <summary>Reads the tests.</summary>
    public static CodeReply ReadTests(string reply, SnippetLanguage language)
    {
        var words = SnippetFiles.For(language);
        var candidates = Candidates(reply, language).ToList();
        var tests = candidates.Where(c => c.IsTests).ToList();
        if (tests.Count == 0)
        {
            // Code and tests in one block: the vacuity check sees through tests of their own code.
            tests = [.. candidates.Where(c => c.Outline.HasTests)];
        }

        if (tests.Count == 0)
        {
            return new([], candidates.Count == 0 ? Missing(words, words.TestsFile, reply) : $"Your block holds no tests. {words.TestStyle}");
        }

        var files = tests.GroupBy(c => c.File ?? words.TestsFile).Select(g => new SnippetFile(g.Key, string.Join("\n\n", g.Select(c => c.Text.TrimEnd())) + "\n")).ToList();
        return new(files.Count == 1 ? [files[0] with { Name = words.TestsFile }] : files, null);
    }

    /// <summary>
    /// The rule of choice: blocks whose tag fits, then blocks without a tag, then any that looks like a program; never shell, output or differences.
    /// Without a block, the whole reply when it looks like a program.
    /// </summary>
    private static IEnumerable<Candidate> Candidates(string reply, SnippetLanguage language)
    {
        var words = SnippetFiles.For(language);
        var blocks = FencedBlocks.Read(reply).Where(b => !string.IsNullOrWhiteSpace(b.Text)).ToList();
        if (blocks.Count == 0)
        {
            var whole = SourceOutline.Read(language, reply);
            return whole.LooksLikeCode ? [new Candidate(null, reply.ReplaceLineEndings("\n").Trim() + "\n", whole, false)] : [];
        }

        var all = blocks.Where(b => !NotCode.Contains(b.Tag)).Select(b => Candidate.Of(b, language)).ToList();
        var fitting = all.Where(c => words.Tags.Contains(c.Tag)).ToList();
        var untagged = all.Where(c => c.Tag.Length == 0).ToList();
        var parsing = all.Where(c => c.Outline.LooksLikeCode).ToList();
        return fitting.Count > 0 ? fitting : untagged.Count > 0 ? untagged : parsing;
    }

    /// <summary>The longest block that looks like a program and defines something, else the longest.</summary>
    private static Candidate Best(IReadOnlyList<Candidate> candidates) =>
        candidates.OrderByDescending(c => c.Outline.LooksLikeCode && c.Outline.DefinesProgram).ThenByDescending(c => c.Outline.LooksLikeCode).ThenByDescending(c => c.Text.Length).First();

    private static string Missing(SnippetFiles words, string file, string reply) =>
        $"{(string.IsNullOrWhiteSpace(reply) ? "Your answer was empty." : "Your answer held no code block that could be read.")} "
        + $"Answer with exactly one fenced block that is the complete file {file}:\n```{words.Tag}\n…\n```";

    private sealed record Candidate(string? File, string Text, SourceOutline Outline, bool NamedAsTests)
    {
        public string Tag { get; private init; } = "";

        /// <summary>
        /// Tests are told by their file name or by what they hold. A program that carries its own tests stays a program: tests alone want names that
        /// somebody else defines.
        /// </summary>
        public bool IsTests => NamedAsTests || (Outline.HasTests && (!Outline.DefinesProgram || Outline.Wanted.Count > 0));

        public static Candidate Of(FencedBlock block, SnippetLanguage language)
        {
            var file = block.File is { } name && SnippetFiles.For(language).Extensions.Contains(Path.GetExtension(name)) ? name : null;
            var named = file is not null && (file.StartsWith("test_", StringComparison.Ordinal) || file.Contains("_test.", StringComparison.Ordinal) || file.Contains(".test.", StringComparison.Ordinal));
            return new Candidate(file, block.Text.TrimEnd() + "\n", SourceOutline.Read(language, block.Text), named) { Tag = block.Tag };
        }
    }
}
