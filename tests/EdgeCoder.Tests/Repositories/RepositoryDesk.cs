using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Commands;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.Repositories;
using EdgeCoder.TestKit.Chat;
using EdgeCoder.TestKit.Files;
using EdgeCoder.Terminal;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console.Testing;

namespace EdgeCoder.Tests.Repositories;

/// <summary>The program with a scripted agent, and a person whose lines the test gives.</summary>
internal sealed class RepositoryDesk : IRepositoryAgent, IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Queue<string> _typed = [];

    public RepositoryDesk()
    {
        Directory.CreateDirectory(_directory["project/.git"]);
        Root = _directory["project"];
        Trusted.Add(Root);
    }

    public string Root { get; }

    public TestConsole Console { get; } = new() { Profile = { Width = 8192 } };

    public StringWriter Output { get; } = new();

    public StringWriter Error { get; } = new();

    public FakeTimeProvider Time { get; } = new();

    public HashSet<string> Trusted { get; } = [];

    public bool Attended { get; set; }

    public int Discarded { get; private set; }

    public Queue<ScriptedPrompt> Script { get; } = [];

    public ScriptedReview Review { get; } = new();

    public RepositoryTask? Begun { get; private set; }

    public ScriptedSession? Session { get; private set; }

    public List<SessionEvent> Stored { get; } = [];

    public Exception? ModelFault { get; set; }

    public string Written => Console.Output + Error;

    public void Type(params IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            _typed.Enqueue(line);
        }
    }

    public Task<int> RunAsync(params string[] arguments) => CommandLine.RunAsync(arguments, World(), TestContext.Current.CancellationToken);

    public Task<int> RunAsync(CancellationToken cancellationToken, params string[] arguments) => CommandLine.RunAsync(arguments, World(), cancellationToken);

    public Surroundings World() => new()
    {
        Console = Console,
        ErrorConsole = Console,
        Output = Output,
        Error = Error,
        Input = () => Stream.Null,
        InputRedirected = !Attended,
        Terminals = (Attended, Attended),
        Environment = name => name == "EDGECODER_DATA_DIR" ? _directory["data"] : null,
        Time = Time,
        Interactive = false,
        Directory = Root,
        Person = new(Attended, () => _typed.TryDequeue(out var line) ? line : null, () => Discarded++),
        Width = () => 80,
        Repositories = _ => new()
        {
            Agent = this,
            Sessions = new SessionStore(_directory["data"]),
            Trust = new(Trusted.Contains, root => Trusted.Add(root), Trusted.Remove),
            OpenModelAsync = (_, _, _, _) => ModelFault is { } fault ? throw fault : Task.FromResult(new OpenModel(Model(), null, () => ValueTask.CompletedTask)),
        },
    };

    public string Resolve(string root) => root;

    public Task<IRepositorySession> BeginAsync(RepositoryTask task, AgentModel model, IApprover approver, CancellationToken cancellationToken)
    {
        Begun = task;
        Session = new(task, approver, Review, Script);
        return Task.FromResult<IRepositorySession>(Session);
    }

    public Task<IRepositorySession> ResumeAsync(string sessionId, AgentModel model, IApprover approver, CancellationToken cancellationToken)
    {
        Session = new(new() { Root = Root }, approver, Review, Script) { Id = sessionId, StoredEvents = Stored, HasOpenPrompt = Script.Count > 0 };
        return Task.FromResult<IRepositorySession>(Session);
    }

    public Task<IReviewedSession> OpenAsync(string sessionId, IApprover approver, CancellationToken cancellationToken) =>
        Task.FromResult<IReviewedSession>(new ScriptedSession(new() { Root = Root }, approver, Review, Script) { Id = sessionId });

    public Task DeleteAsync(string sessionId, CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        Console.Dispose();
        Output.Dispose();
        Error.Dispose();
        _directory.Dispose();
    }

    private static AgentModel Model() => new()
    {
        Client = new ScriptedChatClient(),
        Identity = new() { Id = "scripted", Provider = "openai-compatible", Digest = "unpinned" },
        Window = 16384,
        CountTokens = (text, _) => ValueTask.FromResult(text.Length / 4),
        OnThisMachine = true,
    };
}
