using EdgeCoder.Agent.Approvals;
using EdgeCoder.Agent.Tools;

namespace EdgeCoder.Agent.Tests.Approvals;

/// <summary>R6, S6: what rules and modes say about actions.</summary>
public sealed class PolicyTests
{
    private static readonly PolicyRule AllowNpm = new() { Effect = RuleEffect.Allow, Tool = "run_command", Prefix = ["npm", "run"] };

    [Theory]
    [InlineData("npm run lint", RuleEffect.Allow)]
    [InlineData("npm run lint; rm -rf x", RuleEffect.Ask)]
    [InlineData("npm run lint && rm x", RuleEffect.Ask)]
    [InlineData("npm run lint || rm x", RuleEffect.Ask)]
    [InlineData("npm run lint | tee x", RuleEffect.Ask)]
    [InlineData("npm run lint > x", RuleEffect.Ask)]
    [InlineData("npm run lint < x", RuleEffect.Ask)]
    [InlineData("npm run `rm x`", RuleEffect.Ask)]
    [InlineData("npm run $(rm x)", RuleEffect.Ask)]
    [InlineData("npm run ${X}", RuleEffect.Ask)]
    [InlineData("npm run lint\nrm x", RuleEffect.Ask)]
    [InlineData("npm run lint & rm x", RuleEffect.Ask)]
    [InlineData("npm run \"a b\"", RuleEffect.Ask)]
    [InlineData("X=1 npm run lint", RuleEffect.Ask)]
    [InlineData("npm run *", RuleEffect.Ask)]
    [InlineData("npm runner", RuleEffect.Ask)]
    [InlineData("npm", RuleEffect.Ask)]
    public void Prefix_rule_never_allows_a_compound_script(string text, RuleEffect expected) =>
        Assert.Equal(expected, Judge(Script(text), AllowNpm).Effect);

    [Theory]
    [InlineData(RuleEffect.Allow, "npm", "run", "lint")]
    [InlineData(RuleEffect.Ask, "npm", "run", "lint; rm x")]
    [InlineData(RuleEffect.Ask, "npm", "run", "lint\nrm x")]
    [InlineData(RuleEffect.Ask, "npm", "run", "$(rm x)")]
    [InlineData(RuleEffect.Ask, "sh", "-c", "npm run lint; rm x")]
    [InlineData(RuleEffect.Allow, "/bin/sh", "-c", "npm run lint")]
    [InlineData(RuleEffect.Ask, "bash", "npm", "run")]
    [InlineData(RuleEffect.Ask, "npm", "install")]
    public void Prefix_rule_on_an_argument_array(RuleEffect expected, params string[] command) => Assert.Equal(expected, Judge(Vector(command), AllowNpm).Effect);

    [Theory]
    [InlineData("rm -rf x")]
    [InlineData("true; rm -rf x")]
    [InlineData("true && sudo rm -rf x")]
    [InlineData("echo $(rm x)")]
    [InlineData("sh -c 'rm x'")]
    public void Rule_that_denies_is_not_got_around_by_a_compound(string text) =>
        Assert.Equal(RuleEffect.Deny, Judge(Script(text), ApprovalMode.Full, "team", new PolicyRule { Effect = RuleEffect.Deny, Tool = "run_command", Prefix = ["rm"] }).Effect);

    [Fact]
    public void Compound_that_may_hide_what_is_denied_is_asked_for_even_in_mode_full() =>
        Assert.Equal(RuleEffect.Ask, Judge(Script("r\"\"m x | cat"), ApprovalMode.Full, "team", new PolicyRule { Effect = RuleEffect.Deny, Tool = "run_command", Prefix = ["rm"] }).Effect);

    [Fact]
    public void The_stricter_rule_wins_whoever_wrote_it()
    {
        var allow = new PolicyFile { Source = "user", Rules = [new() { Effect = RuleEffect.Allow, Tool = "edit_file", Path = "src/**" }] };
        var ask = new PolicyFile { Source = "managed", Rules = [new() { Effect = RuleEffect.Ask, Tool = "edit_file", Path = "src/core/**" }] };
        var deny = new PolicyFile { Source = "project", Rules = [new() { Effect = RuleEffect.Deny, Tool = "*", Path = "src/core/keys/**" }] };
        var policy = new Policy([ask, deny, allow]);
        Assert.Equal(RuleEffect.Allow, policy.Judge(Edit("src/a.py"), ApprovalMode.ReadOnly, "local").Effect);
        Assert.Equal(RuleEffect.Ask, policy.Judge(Edit("src/core/a.py"), ApprovalMode.Full, "local").Effect);
        Assert.Equal(RuleEffect.Deny, policy.Judge(Edit("src/core/keys/a.py"), ApprovalMode.Full, "local").Effect);
        Assert.Equal(RuleEffect.Ask, policy.Judge(Edit("src/a.py", "other.py"), ApprovalMode.ReadOnly, "local").Effect);
        Assert.Equal(RuleEffect.Deny, policy.Judge(Edit("src/a.py", "src/core/keys/k"), ApprovalMode.Full, "local").Effect);
    }

    [Fact]
    public void Managed_mode_caps_the_persons()
    {
        var policy = new Policy([new PolicyFile { Mode = ApprovalMode.ReadOnly }]);
        Assert.Equal(RuleEffect.Ask, policy.Judge(Edit("a.py"), ApprovalMode.Full, "local").Effect);
    }

    [Theory]
    [InlineData(ApprovalMode.ReadOnly, RuleEffect.Ask, RuleEffect.Ask)]
    [InlineData(ApprovalMode.WorkspaceWrite, RuleEffect.Allow, RuleEffect.Ask)]
    [InlineData(ApprovalMode.Full, RuleEffect.Allow, RuleEffect.Allow)]
    public void Modes(ApprovalMode mode, RuleEffect write, RuleEffect execute)
    {
        Assert.Equal(RuleEffect.Allow, Policy.None.Judge(Action("read_file", ToolAccess.Read), mode, "local").Effect);
        Assert.Equal(write, Policy.None.Judge(Edit("a.py"), mode, "local").Effect);
        Assert.Equal(execute, Policy.None.Judge(Vector("ls"), mode, "local").Effect);
    }

    [Theory]
    [InlineData(ApprovalMode.ReadOnly)]
    [InlineData(ApprovalMode.WorkspaceWrite)]
    [InlineData(ApprovalMode.Full)]
    public void Local_work_has_no_network_in_any_mode_whatever_allows_it(ApprovalMode mode)
    {
        var policy = new Policy([new PolicyFile { Hosts = ["example.org"], Rules = [new() { Effect = RuleEffect.Allow, Tool = "run_command", Host = "example.org" }, new() { Effect = RuleEffect.Allow, Tool = "run_command", Prefix = ["curl"] }] }]);
        Assert.Equal(RuleEffect.Deny, policy.Judge(Vector("curl") with { Access = ToolAccess.Network, Host = "example.org" }, mode, "local").Effect);
        Assert.Equal(RuleEffect.Deny, policy.Judge(Vector("curl") with { Access = ToolAccess.Network }, mode, "local").Effect);
    }

    [Fact]
    public void Host_list_holds_in_mode_full_and_never_for_git()
    {
        var policy = new Policy([new PolicyFile { Hosts = ["example.org"] }]);
        var call = Vector("curl") with { Access = ToolAccess.Network, Host = "example.org" };
        Assert.Equal(RuleEffect.Allow, policy.Judge(call, ApprovalMode.Full, "team").Effect);
        Assert.Equal(RuleEffect.Ask, policy.Judge(call, ApprovalMode.WorkspaceWrite, "team").Effect);
        Assert.Equal(RuleEffect.Ask, policy.Judge(call with { Host = "other.org" }, ApprovalMode.Full, "team").Effect);
        Assert.Equal(RuleEffect.Ask, policy.Judge(call with { Tool = "git_push" }, ApprovalMode.Full, "team").Effect);
    }

    [Fact]
    public void Protected_file_is_refused_in_every_mode()
    {
        var policy = new Policy([new PolicyFile { Protected = ["tests/**"] }]);
        Assert.Equal(RuleEffect.Deny, policy.Judge(Edit("tests/test_a.py"), ApprovalMode.Full, "local").Effect);
        Assert.Equal(RuleEffect.Allow, policy.Judge(Action("read_file", ToolAccess.Read) with { Paths = ["tests/test_a.py"] }, ApprovalMode.Full, "local").Effect);
    }

    [Fact]
    public void First_use_of_a_test_command_is_asked_for_and_later_ones_are_not()
    {
        var tests = Vector("pytest") with { Tool = "run_tests" };
        Assert.Equal(RuleEffect.Ask, Policy.None.Judge(tests, ApprovalMode.WorkspaceWrite, "local").Effect);
        var known = new Policy([new PolicyFile { TestCommands = [["pytest"]] }]);
        Assert.Equal(RuleEffect.Allow, known.Judge(tests, ApprovalMode.WorkspaceWrite, "local").Effect);
        Assert.Equal(RuleEffect.Ask, known.Judge(tests with { Command = ["pytest", "-x"] }, ApprovalMode.WorkspaceWrite, "local").Effect);
        Assert.Equal(RuleEffect.Ask, known.Judge(tests, ApprovalMode.ReadOnly, "local").Effect);
    }

    [Fact]
    public void Class_only_narrows()
    {
        var policy = new Policy([new PolicyFile { DataClass = "team", Labels = [new("secret/**", "local"), new("open/**", "mesh")] }]);
        Assert.Equal("team", policy.DataClass("mesh"));
        Assert.Equal("local", policy.DataClass("local"));
        Assert.Equal("local", policy.Narrowed("team", ["a.py", "secret/x/y.txt"]));
        Assert.Equal("team", policy.Narrowed("team", ["open/a"]));
        Assert.Equal("local", policy.Narrowed("local", ["open/a"]));
        Assert.Equal(["secret/**"], policy.NarrowerThan("team"));
        Assert.Empty(policy.NarrowerThan("local"));
    }

    [Theory]
    [InlineData("src/**", "src/a/b.py", true)]
    [InlineData("src/**", "srcx/a.py", false)]
    [InlineData("src/*.py", "src/a/b.py", false)]
    [InlineData("*.lock", "a/b/x.lock", true)]
    [InlineData("src/", "src/a.py", true)]
    [InlineData("src/a.py", "src/a.py", true)]
    [InlineData("a/**/z", "a/z", true)]
    [InlineData("**", "any/thing", true)]
    public void Globs(string pattern, string path, bool matches) => Assert.Equal(matches, PathGlob.Matches(pattern, path));

    [Fact]
    public void Any_change_of_an_action_changes_its_hash()
    {
        var action = Vector("a", "b c");
        var others = new[] { action with { Command = ["a b", "c"] }, action with { Arguments = "{ }" }, action with { Host = "h" }, action with { Script = true }, action with { Paths = ["x"] }, action with { Tool = "x" }, action with { Access = ToolAccess.Network }, action with { Command = ["a", "b", "c"] } };
        Assert.Equal(others.Length + 1, others.Append(action).Select(ActionHash.Of).Distinct().Count());
        Assert.Equal(ActionHash.Of(action), ActionHash.Of(action with { Summary = "other words" }));
    }

    internal static ToolAction Vector(params IReadOnlyList<string> command) => Action("run_command", ToolAccess.Execute) with { Command = command };

    private static ToolAction Script(string text) => Vector("sh", "-c", text) with { Script = true };

    private static ToolAction Edit(params IReadOnlyList<string> paths) => Action("edit_file", ToolAccess.Write) with { Paths = paths };

    private static ToolAction Action(string tool, ToolAccess access) => new() { Tool = tool, Access = access, Summary = "s", Arguments = "{}" };

    private static PolicyVerdict Judge(ToolAction action, params IReadOnlyList<PolicyRule> rules) => Judge(action, ApprovalMode.WorkspaceWrite, "local", rules);

    private static PolicyVerdict Judge(ToolAction action, ApprovalMode mode, string dataClass, params IReadOnlyList<PolicyRule> rules) => new Policy([new PolicyFile { Rules = rules }]).Judge(action, mode, dataClass);
}
