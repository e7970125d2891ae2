using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Tests.Repositories;
using EdgeCoder.Agent.Tests.Workspaces;
using EdgeCoder.Agent.Trust;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Chat;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Repositories;

namespace EdgeCoder.Agent.Tests.Scenarios;

/// <summary>The whole agent on a real repository: real git, real sandbox, the project's real test runner. Only the model is scripted.</summary>
internal sealed class RealWork(GitFixture fixture, SampleRepository project, params IEnumerable<ScriptedReply> replies) : IDisposable
{
    private readonly TemporaryDirectory _data = new();

    /// <summary>The person's repository.</summary>
    public SampleRepository Project => project;

    /// <summary>The model.</summary>
    public ScriptedChatClient Client { get; set; } = new(replies);

    /// <summary>Who answers; everything once, unless told otherwise.</summary>
    public FakeApprover Approver { get; init; } = new(ApprovalAnswer.Once);

    /// <summary>The task, without its root.</summary>
    public RepositoryTask Task { get; init; } = new() { Root = "", Seed = 1 };

    /// <summary>Whether the provider has native tool calls.</summary>
    public bool CallsTools { get; init; } = true;

    /// <summary>The agent as the program puts it together.</summary>
    public RepositoryAgent Agent => new(new RepositoryParts
    {
        DataDirectory = _data["data"],
        ConfigDirectory = _data["config"],
        ManagedPolicy = _data["managed.json"],
        Sandbox = fixture.Sandbox,
        Sessions = new SessionStore(_data["data"]),
    });

    private AgentModel Model => new()
    {
        Client = Client,
        Identity = new ModelIdentity { Id = "scripted", Provider = "openai-compatible", Digest = "sha256:abc" },
        Window = 16_384,
        CountTokens = (text, _) => ValueTask.FromResult((text.Length + 3) / 4),
        OnThisMachine = true,
        CallsTools = CallsTools,
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Begins a session.</summary>
    public Task<IRepositorySession> BeginAsync()
    {
        new TrustStore(_data["data"], TimeProvider.System).Trust(project.Root);
        return Agent.BeginAsync(Task with { Root = project.Root }, Model, Approver, Stop);
    }

    /// <summary>Opens a session again.</summary>
    public Task<IRepositorySession> ResumeAsync(string sessionId) => Agent.ResumeAsync(sessionId, Model, Approver, Stop);

    /// <summary>Works on one prompt to its end.</summary>
    public async Task<ToldWork> PromptAsync(IRepositorySession session, string prompt) => await ToldWork.OfAsync(session.Id, session.PromptAsync(prompt, Stop));

    /// <inheritdoc/>
    public void Dispose()
    {
        Client.Dispose();
        project.Dispose();
        _data.Dispose();
    }
}
