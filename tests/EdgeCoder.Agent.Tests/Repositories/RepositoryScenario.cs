using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Calls;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.Agent.Sessions;
using EdgeCoder.Agent.Tests.Workspaces;
using EdgeCoder.Agent.Tools;
using EdgeCoder.Agent.Trust;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.Protocol.Sessions;
using EdgeCoder.TestKit.Chat;
using EdgeCoder.TestKit.Clocks;

namespace EdgeCoder.Agent.Tests.Repositories;

/// <summary>A valid session with the real file tools; a test changes one thing in it.</summary>
internal sealed class RepositoryScenario : IDisposable
{
    public const string Plan = "1. Read dates.py.\n2. Mend it.";
    public const string Buggy = "def double(x):\n    return x + 1\n";
    public const string Fixed = "def double(x):\n    return x * 2\n";

    private RepositoryScenario(TestProject project, bool git, IEnumerable<ScriptedReply> replies)
    {
        Project = project;
        _git = git;
        Client = new ScriptedChatClient(replies);
    }

    public TestProject Project { get; }

    public ScriptedChatClient Client { get; set; }

    public FakeApprover Approver { get; set; } = new(ApprovalAnswer.Once);

    public RepositoryTask Task { get; set; } = new() { Root = "", Seed = 7 };

    /// <summary>What the tokenizer throws, when its process is gone.</summary>
    public Exception? CountingFault { get; set; }

    public int Window { get; set; } = 16_384;

    public bool CallsTools { get; set; }

    public bool ObeysJsonSchema { get; set; }

    public bool OnThisMachine { get; set; } = true;

    /// <summary>The clock; what is done after a cancellation may take as long as a busy machine needs.</summary>
    public TimeProvider Time { get; set; } = new PatientTime(RepositorySteps.RollbackTime, RepositorySession.ShortClosingTime);

    /// <summary>Told before each run of the tests: its number.</summary>
    public Action<int> OnTests { get; set; } = _ => { };

    public int TestRuns { get; private set; }

    /// <summary>What the tests say of the files.</summary>
    public Func<Func<string, string>, IReadOnlyList<TestCase>> Judge { get; set; } = read =>
    [
        FakeTests.Case("test_double", read("dates.py").Contains("x * 2", StringComparison.Ordinal), "4", "3"),
        FakeTests.Case("test_other", read("dates.py").Contains("def double", StringComparison.Ordinal)),
    ];

    public List<ITool> MoreTools { get; } = [];

    public string ConfigDirectory => Project.Beside("config");

    public SessionStore Sessions => new(Project.Data);

    public RepositoryParts Parts => new()
    {
        DataDirectory = Project.Data,
        ConfigDirectory = ConfigDirectory,
        ManagedPolicy = Project.Beside("managed.json"),
        Sandbox = Project.Sandbox,
        Sessions = Sessions,
        Time = Time,
    };

    private readonly bool _git;
    private string _worktree = "";
    private FakeSites? _sites;

    /// <summary>A file of the session's worktree.</summary>
    public string WorktreeFile(string name) => Path.Combine(_worktree, name);

    /// <summary>The sites, which outlive an agent as the disk outlives a process.</summary>
    public FakeSites Sites => _sites ??= new(Project.Beside("fake"), new LocalSites(Parts), _git, workspace =>
    {
        _worktree = workspace.Directory;
        return
        [
            new FakeTests(workspace, read => Judge(read), _ => OnTests(++TestRuns)),
            .. MoreTools,
        ];
    });

    public RepositoryAgent Agent => new(Parts, Sites);

    public AgentModel Model => new()
    {
        Client = Client,
        Identity = new ModelIdentity { Id = "scripted", Provider = "openai-compatible", Digest = "sha256:abc" },
        Window = Window,
        CountTokens = (text, _) => CountingFault is { } gone ? throw gone : ValueTask.FromResult((text.Length + 3) / 4),
        OnThisMachine = OnThisMachine,
        CallsTools = CallsTools,
        ObeysJsonSchema = ObeysJsonSchema,
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A project with one faulty file and the replies of its model, on a workspace without git.</summary>
    public static RepositoryScenario With(GitFixture fixture, params IEnumerable<ScriptedReply> replies) => Of(TestProject.Plain(fixture), git: false, replies);

    /// <summary>The same in a real repository.</summary>
    public static async Task<RepositoryScenario> WithGitAsync(GitFixture fixture, params IEnumerable<ScriptedReply> replies)
    {
        var scenario = Of(await TestProject.RepositoryAsync(fixture), git: true, replies);
        await scenario.Project.CommitAsync("second");
        return scenario;
    }

    private static RepositoryScenario Of(TestProject project, bool git, IEnumerable<ScriptedReply> replies)
    {
        project.Write("a.txt", "one\n");
        project.Write("dates.py", Buggy);
        project.Write("AGENTS.md", "Keep functions small.\n");
        Directory.CreateDirectory(project.Beside("config"));
        new TrustStore(project.Data, TimeProvider.System).Trust(project.Root);
        return new(project, git, replies);
    }

    /// <summary>The edit that mends the file, as a text call.</summary>
    public static ScriptedReply Mend => ScriptedReply.Edit("dates.py", "    return x + 1", "    return x * 2");

    public async Task<IRepositorySession> BeginAsync() => await Agent.BeginAsync(Task with { Root = Project.Root }, Model, Approver, Stop);

    /// <summary>Begins, works on one prompt, and closes.</summary>
    public async Task<ToldWork> RunAsync(string prompt = "make double(x) return twice x", CancellationToken? cancellationToken = null)
    {
        await using var session = await BeginAsync();
        return await ToldWork.OfAsync(session.Id, session.PromptAsync(prompt, cancellationToken ?? Stop));
    }

    /// <summary>Opens the session again and goes on with what was cut off.</summary>
    public async Task<ToldWork> ResumeAsync(string sessionId)
    {
        await using var session = await Agent.ResumeAsync(sessionId, Model, Approver, Stop);
        return await ToldWork.OfAsync(session.Id, session.ContinueAsync(Stop));
    }

    public void Dispose()
    {
        Client.Dispose();
        Project.Dispose();
    }
}
