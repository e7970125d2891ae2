using System.Text;
using EdgeCoder.Agent.Snippets;
using EdgeCoder.Agent.Sources;
using EdgeCoder.Agent.Vacuity;
using EdgeCoder.Executor;
using EdgeCoder.Protocol.Checks;

namespace EdgeCoder.Agent.Rechecks;

/// <summary>A snippet with the files and hidden tests of its check, by hash.</summary>
internal sealed class SnippetSite : ICheckSite
{
    private const int LargestFile = 1 << 20;

    private readonly ICodeExecutor executor;
    private readonly RunRequest request;
    private readonly string codeFile;

    private SnippetSite(ICodeExecutor executor, RunRequest request, string codeFile)
    {
        this.executor = executor;
        this.request = request;
        this.codeFile = codeFile;
    }

    /// <summary>A result.</summary>
    public static SnippetSite Of(ICodeExecutor executor, FrozenBlobs blobs, string language, AcceptanceCheck check, string code) =>
        Create(executor, blobs, language, check, (words, _) => new SnippetFile(words.CodeFile, code));

    /// <summary>The stub that always raises, with the names that the tests need.</summary>
    public static SnippetSite OfStub(ICodeExecutor executor, FrozenBlobs blobs, string language, AcceptanceCheck check) =>
        Create(executor, blobs, language, check, (words, tests) =>
        {
            var snippet = LanguageOf(language);
            var wanted = tests.SelectMany(test => SourceOutline.Read(snippet, test.Text, words.Module).Wanted).Distinct().ToList();
            return StubProgram.Write(snippet, wanted) with { Name = words.CodeFile };
        });

    /// <inheritdoc/>
    public async Task<CheckRun> RunAsync(int fewest, CancellationToken cancellationToken) =>
        CheckJudgement.OfSnippet(await executor.RunAsync(request, cancellationToken).ConfigureAwait(false), fewest, codeFile);

    private static SnippetSite Create(ICodeExecutor executor, FrozenBlobs blobs, string language, AcceptanceCheck check, Func<SnippetFiles, IReadOnlyList<SnippetFile>, SnippetFile> code)
    {
        var snippet = LanguageOf(language);
        var visible = Read(blobs, check.Files);
        var all = visible.Concat(Read(blobs, check.Overlay)).ToList();
        var extensions = SnippetFiles.For(snippet).Extensions;
        bool IsTest(SnippetFile file) => extensions.Any(extension => file.Name.EndsWith(extension, StringComparison.Ordinal));

        // The name that the worker's loop gave the program follows from the tests it saw, so the hidden ones do not change it.
        var named = visible.Any(IsTest) ? visible.Where(IsTest) : all.Where(IsTest);
        var words = SnippetFiles.For(new SnippetTask { Request = "verify", Language = snippet, TestFiles = [.. named] });
        if (all.Any(file => file.Name == words.CodeFile))
        {
            throw SiteFaultException.Missing($"The check brings a file {words.CodeFile}, which is the name of the code under test.");
        }

        var tests = all.Where(IsTest).ToList();
        var request = new RunRequest
        {
            Language = snippet,
            Files = [code(words, tests), .. all.Where(file => !IsTest(file))],
            Tests = tests,
            Limits = new RequestedLimits { Time = TimeSpan.FromMilliseconds(check.TimeoutMs) },
        };
        return new(executor, request, words.CodeFile);
    }

    private static List<SnippetFile> Read(FrozenBlobs blobs, IReadOnlyList<CheckFile>? files) =>
        [.. (files ?? []).Select(file => new SnippetFile(file.Path, Encoding.UTF8.GetString(blobs.Read(file.Sha256, LargestFile) ?? throw SiteFaultException.Missing($"The file {file.Path} of the check is not here, or is not what its hash says."))))];

    private static SnippetLanguage LanguageOf(string language) => language switch
    {
        "python" => SnippetLanguage.Python,
        "javascript" => SnippetLanguage.JavaScript,
        _ => throw SiteFaultException.Missing("Snippets are run in python or javascript."),
    };
}
