using EdgeCoder.Agent.Secrets;
using EdgeCoder.Agent.Workspaces;
using EdgeCoder.Executor.Commands;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.Agent.Tests.Workspaces;

/// <summary>A person's project and a data directory, with workspaces on it.</summary>
internal sealed class TestProject : IDisposable
{
    private static readonly Dictionary<string, string> Environment = new()
    {
        ["PATH"] = "/usr/local/bin:/usr/bin:/bin",
        ["GIT_CONFIG_NOSYSTEM"] = "1",
        ["GIT_CONFIG_GLOBAL"] = "/dev/null",
        ["GIT_AUTHOR_NAME"] = "Person",
        ["GIT_AUTHOR_EMAIL"] = "person@example.org",
        ["GIT_COMMITTER_NAME"] = "Person",
        ["GIT_COMMITTER_EMAIL"] = "person@example.org",
        ["GIT_ALLOW_PROTOCOL"] = "file",
        ["HOME"] = "/nonexistent",
    };

    private readonly TemporaryDirectory _directory = new();

    private TestProject(IProjectSandbox sandbox)
    {
        Directory.CreateDirectory(Root);
        Store = new WorkspaceStore(Data, sandbox, TimeProvider.System);
        Sandbox = sandbox;
    }

    public string Root => _directory["project"];

    public string Data => _directory["data"];

    public WorkspaceStore Store { get; }

    public IProjectSandbox Sandbox { get; }

    public string SessionId { get; } = Guid.NewGuid().ToString();

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>A directory without git.</summary>
    public static TestProject Plain(GitFixture fixture) => new(fixture.Sandbox);

    /// <summary>A repository with one commit of two files.</summary>
    public static async Task<TestProject> RepositoryAsync(GitFixture fixture, params string[] init)
    {
        var project = new TestProject(fixture.Sandbox);
        await project.GitAsync(["init", "-q", "-b", "main", .. init]);
        project.Write("a.txt", "one\ntwo\nthree\n");
        project.Write("src/b.txt", "b\n");
        await project.CommitAsync("first");
        return project;
    }

    /// <summary>Path within the temporary directory, beside the project.</summary>
    public string Beside(string name) => _directory[name];

    public string Write(string name, string text, bool executable = false)
    {
        var path = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        if (executable)
        {
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        }

        return path;
    }

    public string Read(string name) => File.ReadAllText(Path.Combine(Root, name));

    public bool Has(string name) => File.Exists(Path.Combine(Root, name));

    public async Task CommitAsync(string message)
    {
        await GitAsync(["add", "-A"]);
        await GitAsync(["commit", "-q", "--allow-empty", "-m", message]);
    }

    public Task<string> GitAsync(string[] arguments) => GitAsync(Root, arguments);

    /// <summary>Runs git as a person would; fails the test when it fails.</summary>
    public static async Task<string> GitAsync(string directory, string[] arguments)
    {
        var result = await ProgramRun.ToEndAsync("git", arguments, Environment, directory: directory);
        Assert.True(result.ExitCode == 0, $"git {string.Join(' ', arguments)}: {result}");
        return result.Output;
    }

    public async Task<Workspace> BeginAsync(bool carry = false) => (Workspace)await Store.BeginAsync(
        new WorkspaceRequest { SessionId = SessionId, Root = Root, CarryUncommitted = carry, IsDenied = SecretFilePolicy.Default.IsDenied }, Stop);

    public async Task<Workspace> OpenAsync() => (Workspace)await Store.OpenAsync(SessionId, SecretFilePolicy.Default.IsDenied, Stop);

    public void Dispose() => _directory.Dispose();
}
