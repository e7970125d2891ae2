using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Snippets;
using EdgeCoder.Executor;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Chat;
using EdgeCoder.TestKit.Clocks;
using EdgeCoder.TestKit.Execution;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Agent.Tests.Snippets;

/// <summary>A valid session; a test changes one thing in it.</summary>
internal sealed class Scenario : IDisposable
{
    public const string Plan = "1. Take two dictionaries.\n2. Return a new one.";
    public const string Tests = "def test_it():\n    assert merge({'a': 1}, {'b': 2}) == {'a': 1, 'b': 2}";
    public const string Good = "def merge(a, b):\n    return {**a, **b}";
    public const string Bad = "def merge(a, b):\n    return a";
    public const string OtherBad = "def merge(a, b):\n    return b";
    public const string ThirdBad = "def merge(a, b):\n    return {}";

    private readonly TemporaryDirectory _data = new();

    public Scenario(params IEnumerable<ScriptedReply> replies)
    {
        Client = new ScriptedChatClient(replies);
        Executor = new ScriptedExecutor(Judge);
    }

    public ScriptedChatClient Client { get; }

    public ScriptedExecutor Executor { get; set; }

    public SnippetTask Task { get; set; } = new() { Request = "write a function merge that merges two dictionaries", Language = SnippetLanguage.Python, Seed = 7 };

    /// <summary>What the tokenizer throws, when its process is gone.</summary>
    public Exception? CountingFault { get; set; }

    public int Window { get; set; } = 4_096;

    public bool IsDemonstration { get; set; }

    public bool OnThisMachine { get; set; } = true;

    public string Digest { get; set; } = "sha256:abc";

    public Func<Exception, ModelFailure?>? ExplainFailure { get; set; }

    /// <summary>The clock; a sandbox may take as long to kill a program as a busy machine needs.</summary>
    public TimeProvider Time { get; set; } = new PatientTime(SessionSteps.Grace);

    public string DataDirectory => _data.Path;

    public SessionStore Sessions => new(_data.Path);

    public SnippetAgent Agent => new(Executor, Sessions, Time);

    public AgentModel Model => new()
    {
        Client = Client,
        Identity = new ModelIdentity { Id = "scripted", Provider = "openai-compatible", Digest = Digest },
        Window = Window,
        CountTokens = (text, _) => CountingFault is { } gone ? throw gone : ValueTask.FromResult((text.Length + 3) / 4),
        OnThisMachine = OnThisMachine,
        IsDemonstration = IsDemonstration,
        ExplainFailure = ExplainFailure,
    };

    /// <summary>Replies of a session whose model plans and tests well, then answers with <paramref name="code"/>.</summary>
    public static Scenario WithCode(params IEnumerable<ScriptedReply> code) => new([Plan, ScriptedReply.Fenced(Tests), .. code]);

    /// <summary>A session in which each code has the result that is given for it; tests fail against the stub as they should.</summary>
    public static Scenario WithRuns(params IReadOnlyList<RunResult> results)
    {
        var scenario = WithCode(results.Select((_, i) => ScriptedReply.Fenced($"def merge(a, b):\n    return {i}")));
        var next = 0;
        scenario.Executor = new ScriptedExecutor(request => ScriptedExecutor.IsStubRun(request) ? Runs.Failed() : results[next++]);
        return scenario;
    }

    /// <summary>What the real executor says about these programs.</summary>
    public static RunResult Judge(RunRequest request) => request switch
    {
        _ when ScriptedExecutor.IsStubRun(request) => Runs.Failed("test_it", null, null),
        { Tests.Count: 0 } => Runs.ExitedZero(),
        _ when request.Files[0].Text.Contains("{**a, **b}", StringComparison.Ordinal) => Runs.Passed("test_it"),
        _ => Runs.Failed("test_it", "{'a': 1, 'b': 2}", request.Files[0].Text.Contains("return a", StringComparison.Ordinal) ? "{'a': 1}" : "{'b': 2}", "seen on stdout", "seen on stderr"),
    };

    public async Task<Told> RunAsync(CancellationToken? cancellationToken = null) => await Told.OfAsync(Agent.RunAsync(Task, Model, cancellationToken ?? TestContext.Current.CancellationToken));

    public async Task<Told> ResumeAsync(string sessionId) => await Told.OfAsync(Agent.ResumeAsync(sessionId, Model, TestContext.Current.CancellationToken));

    public void Dispose()
    {
        Client.Dispose();
        _data.Dispose();
    }
}
