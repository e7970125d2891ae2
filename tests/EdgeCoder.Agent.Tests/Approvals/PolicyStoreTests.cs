using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Repositories;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Agent.Tests.Approvals;

/// <summary>R6: policies as files. One entry that cannot be read stops the start with its reason.</summary>
public sealed class PolicyStoreTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private PolicyStore Store => new(_directory["managed.json"], _directory["config"], _directory["data"], _directory["project"]);

    public PolicyStoreTests()
    {
        Directory.CreateDirectory(_directory["project/.edgecoder"]);
        Directory.CreateDirectory(_directory["config"]);
    }

    [Fact]
    public void Nothing_there_is_no_policy() => Assert.Equal(ApprovalMode.Full, Store.Load([], []).Mode(ApprovalMode.Full));

    [Theory]
    [InlineData("{", "")]
    [InlineData("""{"rules":[{"effect":"allow","tool":"edit_file","path":"src/**"},{"effect":"permit","tool":"x"}]}""", "permit")]
    [InlineData("""{"rulez":[]}""", "rulez")]
    [InlineData("""{"rules":[{"effect":"deny"}]}""", "tool")]
    [InlineData("""{"rules":[{"effect":"allow","tool":"run_command"}]}""", "rule 1 allows every command")]
    [InlineData("""{"rules":[{"effect":"allow","tool":"*"}]}""", "rule 1 allows every tool")]
    [InlineData("""{"rules":[{"effect":"deny","tool":"x","prefix":[]}]}""", "empty prefix")]
    [InlineData("""{"rules":[{"effect":"deny","tool":"x","path":"../y"}]}""", "../y")]
    [InlineData("""{"rules":[{"effect":"deny","tool":"x","path":"a","prefix":["b"]}]}""", "more than one")]
    [InlineData("""{"dataClass":"public"}""", "public")]
    [InlineData("""{"labels":[{"path":"x","class":"secret"}]}""", "secret")]
    [InlineData("null", "null")]
    public void Entry_that_cannot_be_used_stops_the_start(string policy, string named)
    {
        File.WriteAllText(_directory["config/policy.json"], policy);
        var fault = Assert.Throws<RepositoryException>(() => Store.Load([], []));
        Assert.Equal("policy_invalid", fault.Code);
        Assert.Contains("policy.json", fault.Message);
        Assert.Contains(named, fault.Message);
    }

    [Theory]
    [InlineData("""{"rules":[{"effect":"allow","tool":"edit_file","path":"src/**"}]}""")]
    [InlineData("""{"hosts":["example.org"]}""")]
    [InlineData("""{"testCommands":[["rm"]]}""")]
    public void Policy_of_the_project_can_only_narrow(string policy)
    {
        File.WriteAllText(_directory["project/.edgecoder/policy"], policy);
        Assert.Contains("only ask or deny", Assert.Throws<RepositoryException>(() => Store.Load([], [])).Message);
    }

    [Fact]
    public void Link_in_the_place_of_the_projects_policy_is_refused()
    {
        File.CreateSymbolicLink(_directory["project/.edgecoder/policy"], _directory["nowhere"]);
        Assert.Throws<RepositoryException>(() => Store.Load([], []));
    }

    [Fact]
    public void Every_fault_is_named_at_once()
    {
        File.WriteAllText(_directory["managed.json"], """{"rules":[{"effect":"deny","tool":""}],"dataClass":"x"}""");
        File.WriteAllText(_directory["config/policy.json"], "[]");
        var message = Assert.Throws<RepositoryException>(() => Store.Load([], [])).Message;
        Assert.Contains("rule 1 names no tool", message);
        Assert.Contains("dataClass is x", message);
        Assert.Contains("policy.json", message);
    }

    [Fact]
    public void Person_cannot_loosen_what_is_managed()
    {
        File.WriteAllText(_directory["managed.json"], """{"mode":"workspace_write","rules":[{"effect":"deny","tool":"run_command","prefix":["npm"]}]} // comment""");
        File.WriteAllText(_directory["config/policy.json"], """{"mode":"full","rules":[{"effect":"allow","tool":"run_command","prefix":["npm"]},]}""");
        var policy = Store.Load([new() { Effect = RuleEffect.Allow, Tool = "run_command", Prefix = ["npm"] }], []);
        Assert.Equal(RuleEffect.Deny, policy.Judge(PolicyTests.Vector("npm", "test"), ApprovalMode.Full, "team").Effect);
        Assert.Equal(ApprovalMode.WorkspaceWrite, policy.Mode(ApprovalMode.Full));
    }

    [Fact]
    public void Answers_are_remembered_for_this_project_alone()
    {
        Store.Remember(new() { Effect = RuleEffect.Allow, Tool = "run_command", Prefix = ["npm", "run"] });
        Store.RememberTestCommand(["npm", "test"]);
        var here = Store.Load([], []);
        Assert.Equal(RuleEffect.Allow, here.Judge(PolicyTests.Vector("npm", "run", "lint"), ApprovalMode.WorkspaceWrite, "local").Effect);
        Assert.True(here.IsKnownTestCommand(["npm", "test"]));
        var elsewhere = new PolicyStore(_directory["managed.json"], _directory["config"], _directory["data"], _directory["other"]).Load([], []);
        Assert.Equal(RuleEffect.Ask, elsewhere.Judge(PolicyTests.Vector("npm", "run", "lint"), ApprovalMode.WorkspaceWrite, "local").Effect);
        Assert.False(elsewhere.IsKnownTestCommand(["npm", "test"]));
    }

    public void Dispose() => _directory.Dispose();
}
