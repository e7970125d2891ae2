using System.Text;
using EdgeCoder.Agent.Snippets;
using EdgeCoder.Executor;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.IdeProvider.Access;
using EdgeCoder.Protocol.Problems;

namespace EdgeCoder.IdeProvider.LocalRuns;

/// <summary>Body of <c>POST /run</c> and <c>/run/local</c> (agent-executor-models 6.2).</summary>
internal sealed record RunBody
{
    private const int MostTestBytes = 1 << 20;

    /// <summary>What to write, in the person's words.</summary>
    public string? Task { get; init; }

    /// <summary><c>python</c> (default) or <c>javascript</c>.</summary>
    public string? Language { get; init; }

    /// <summary>Provider that the model must be of: <c>edgecoder-local</c>, <c>ollama-local</c>, <c>openai-compatible</c>.</summary>
    public string? Provider { get; init; }

    /// <summary>Exact id of a model of this machine; absent: the active one.</summary>
    public string? Model { get; init; }

    /// <summary>Most tokens of the whole run, read and written together.</summary>
    public long? MaxTokens { get; init; }

    /// <summary>The caller's own tests, the text of one file.</summary>
    public string? Tests { get; init; }

    /// <summary><c>local</c> (default), <c>team</c> or <c>mesh</c>.</summary>
    public string? DataClass { get; init; }

    /// <summary>The class that body and header ask for: the narrower of the two, <c>local</c> where neither names one. Throws <see cref="Refusal"/> 400.</summary>
    public DataClass AskedClass(string? header)
    {
        var inBody = DataClass is null ? (DataClass?)null : DataClasses.Parse(DataClass) ?? throw Wrong("dataClass", "local, team or mesh is expected");
        var inHeader = string.IsNullOrEmpty(header) ? (DataClass?)null : DataClasses.Parse(header) ?? throw Wrong("X-EdgeCoder-Data-Class", "local, team or mesh is expected");
        return inBody is { } one && inHeader is { } other ? DataClasses.Narrower(one, other) : inBody ?? inHeader ?? Access.DataClass.Local;
    }

    /// <summary>The task. Throws <see cref="Refusal"/> 400 that names the member.</summary>
    public SnippetTask ToTask(DataClass dataClass)
    {
        if (string.IsNullOrWhiteSpace(Task))
        {
            throw Wrong("task", "say what to write");
        }

        if (Provider is not (null or "edgecoder-local" or "ollama-local" or "openai-compatible"))
        {
            throw Wrong("provider", "edgecoder-local, ollama-local or openai-compatible is expected");
        }

        var language = Language?.ToLowerInvariant() switch
        {
            null or "python" or "py" => SnippetLanguage.Python,
            "javascript" or "js" => SnippetLanguage.JavaScript,
            _ => throw Wrong("language", "python or javascript is expected"),
        };
        if (Tests is { } tests && (string.IsNullOrWhiteSpace(tests) || Encoding.UTF8.GetByteCount(tests) > MostTestBytes))
        {
            throw Wrong("tests", $"the text of a tests file of at most {MostTestBytes >> 10} KiB is expected");
        }

        var task = new SnippetTask
        {
            Request = Task,
            Language = language,
            MaxTokens = MaxTokens is <= 0 ? throw Wrong("maxTokens", "a number above 0 is expected") : MaxTokens,
            TestFiles = Tests is null ? [] : [new(language == SnippetLanguage.Python ? "test_snippet.py" : "snippet.test.mjs", Tests)],
            DataClass = dataClass.Word(),
        };
        return task.Problems() is [{ } problem, ..] ? throw new Refusal(400, problem.Code, problem.Message) : task;
    }

    private static Refusal Wrong(string member, string rule) => Refusal.Invalid([new FieldIssue(member, rule)]);
}
