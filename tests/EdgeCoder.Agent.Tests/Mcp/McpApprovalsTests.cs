using EdgeCoder.Agent.Mcp;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.TestKit.Files;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Agent.Tests.Mcp;

/// <summary>An approval holds for exactly what a person saw, and the file of approvals is the person's alone (agent-executor-models 8).</summary>
public sealed class McpApprovalsTests : IDisposable
{
    private static readonly McpServerEntry Notes = new()
    {
        Name = "notes",
        Source = McpServerList.Project,
        Command = ["python3", "server.py"],
        Environment = new Dictionary<string, string> { ["TOKEN"] = "hidden" },
    };

    private readonly TemporaryDirectory _directory = new();

    private McpApprovals Approvals => new(_directory["data"], TimeProvider.System);

    private string FilePath => _directory["data/mcp-approvals.json"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Nothing_is_approved_before_somebody_does_it_and_looking_writes_nothing()
    {
        Assert.False(Approvals.IsApproved(Notes, "/p"));
        Assert.Empty(Approvals.List());
        Assert.False(Directory.Exists(_directory["data"]));
    }

    [Fact]
    public void An_approval_says_what_it_is_for_and_when_without_the_values_of_variables()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000));
        new McpApprovals(_directory["data"], time).Approve(Notes, "/p");
        var approval = Assert.Single(Approvals.List());
        Assert.Equal(("notes", "project", "/p", "TOKEN=… python3 server.py", 1_800_000_000_000, null), (approval.Name, approval.Source, approval.Root, approval.Line, approval.AtMs, approval.Tools));
        Assert.DoesNotContain("hidden", File.ReadAllText(FilePath), StringComparison.Ordinal);
    }

    public static TheoryData<string, McpServerEntry> Changed => new()
    {
        { "a word more", Notes with { Command = ["python3", "server.py", ""] } },
        { "words cut elsewhere", Notes with { Command = ["python3 server.py"] } },
        { "another value of a variable", Notes with { Environment = new Dictionary<string, string> { ["TOKEN"] = "other" } } },
        { "a variable less", Notes with { Environment = new Dictionary<string, string>() } },
        { "a variable as a word", Notes with { Environment = new Dictionary<string, string>(), Command = ["python3", "server.py", "variable", "TOKEN", "hidden"] } },
        { "another name", Notes with { Name = "notes2" } },
        { "listed by somebody else", Notes with { Source = McpServerList.Editor } },
        { "an address", new() { Name = "notes", Source = McpServerList.Project, Url = new("https://far.example/") } },
    };

    [Theory]
    [MemberData(nameof(Changed))]
    public void Whatever_changes_in_the_entry_needs_approval_again(string what, McpServerEntry changed)
    {
        Approvals.Approve(Notes, "/p");
        Assert.True(Approvals.IsApproved(Notes with { }, "/p"));
        Assert.False(Approvals.IsApproved(changed, "/p"), what);
    }

    [Fact]
    public void A_projects_server_is_approved_there_alone_and_the_persons_own_everywhere()
    {
        var mine = Notes with { Source = McpServerList.Yours };
        Approvals.Approve(Notes, "/p");
        Approvals.Approve(mine, "/p");
        Assert.Equal((false, true), (Approvals.IsApproved(Notes, "/q"), Approvals.IsApproved(mine, "/q")));
    }

    [Fact]
    public void Tools_are_kept_once_and_a_new_approval_forgets_them()
    {
        Approvals.Approve(Notes, "/p");
        Approvals.Pin(Approvals.Find(Notes, "/p")!, new Dictionary<string, string> { ["echo"] = "1" });
        Approvals.Pin(Approvals.Find(Notes, "/p")!, new Dictionary<string, string> { ["echo"] = "2" });
        Assert.Equal("1", Approvals.Find(Notes, "/p")!.Tools!["echo"]);
        Approvals.Approve(Notes, "/p");
        Assert.Null(Assert.Single(Approvals.List()).Tools);
    }

    [Fact]
    public void Forgetting_takes_a_name_back_here_and_leaves_other_projects()
    {
        Approvals.Approve(Notes, "/p");
        Approvals.Approve(Notes, "/q");
        Approvals.Approve(Notes with { Source = McpServerList.Yours }, "/p");
        Assert.True(Approvals.Forget("notes", "/p"));
        Assert.Equal("/q", Assert.Single(Approvals.List()).Root);
        Assert.False(Approvals.Forget("notes", "/p"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("""{"version":1}""")]
    [InlineData("""{"version":2,"approvals":[]}""")]
    [InlineData("""{"version":1,"approvals":null}""")]
    [InlineData("""{"version":1,"approvals":[null]}""")]
    [InlineData("""{"version":1,"approvals":[{"digest":null,"name":"a","source":"a","root":"","line":"a","atMs":1,"tools":null}]}""")]
    public void A_damaged_file_approves_nothing_says_so_and_is_not_written_over(string text)
    {
        _directory.Write("data/mcp-approvals.json", text);
        foreach (var use in new Action[] { () => Approvals.IsApproved(Notes, "/p"), () => Approvals.Approve(Notes, "/p"), () => Approvals.Forget("notes", "/p") })
        {
            var fault = Assert.Throws<RepositoryException>(use);
            Assert.Equal("mcp_approvals_unreadable", fault.Code);
            Assert.Contains(FilePath, fault.Message, StringComparison.Ordinal);
        }

        Assert.Equal(text, File.ReadAllText(FilePath));
    }

    [Fact]
    public void Sessions_that_begin_at_once_lose_no_approval()
    {
        Parallel.For(0, 32, n => Approvals.Approve(Notes with { Name = $"s{n}" }, "/p"));
        Assert.Equal(32, Approvals.List().Count);
    }

    [Fact]
    public void The_file_is_its_owners_alone_from_the_first_byte()
    {
        Approvals.Approve(Notes, "/p");
        Approvals.Approve(Notes with { Name = "other" }, "/p");
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_directory["data"]));
        }

        Assert.Equal(["mcp-approvals.json", "mcp-approvals.json.lock"], Directory.GetFileSystemEntries(_directory["data"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_told_with_what_to_do()
    {
        // A file where the directory should be: true for root too.
        _directory.Write("data", "");
        var fault = Assert.Throws<RepositoryException>(() => Approvals.Approve(Notes, "/p"));
        Assert.Equal("mcp_approvals_unwritable", fault.Code);
        Assert.Contains("data directory", fault.Hint, StringComparison.Ordinal);
    }
}
