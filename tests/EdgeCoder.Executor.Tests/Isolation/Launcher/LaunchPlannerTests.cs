using EdgeCoder.Executor.Interpreters;
using EdgeCoder.Executor.Isolation.Entry;
using EdgeCoder.Executor.Isolation.Launcher;
using EdgeCoder.Executor.Isolation.Seccomp;
using EdgeCoder.Executor.Runners;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Tests.Isolation.Launcher;

public sealed class LaunchPlannerTests
{
    private static readonly LauncherTool Tool = new() { Path = "/opt/edgecoder-launcher", FileStamp = "1" };
    private static readonly LimitPlan Limits = LimitPlan.Read(SnippetLanguage.Python, new()).Plan!;

    private static readonly LaunchPlanner Planner = new()
    {
        Mode = LaunchMode.Namespaces,
        Interpreter = new Interpreter { Language = SnippetLanguage.Python, Path = "/usr/bin/python3", Version = "3.11.2", Reads = [], FileStamp = "1" },
        Architecture = MachineArchitecture.X64,
        LandlockAbi = 7,
        Root = false,
    };

    [Fact]
    public void Digest_changes_with_whatever_decides()
    {
        LaunchPlanner[] others =
        [
            Planner with { Mode = LaunchMode.Landlock }, Planner with { LandlockAbi = 3 }, Planner with { LandlockAbi = 0 }, Planner with { Architecture = MachineArchitecture.Arm64 },
            Planner with { Root = true }, Planner with { Interpreter = Planner.Interpreter with { FileStamp = "2" } },
        ];

        string[] digests = [Digest(Tool, Planner), Digest(Tool with { FileStamp = "2" }, Planner), .. others.Select(other => Digest(Tool, other))];

        Assert.Equal(digests.Length, digests.Distinct().Count());
        Assert.Equal(digests[0], Digest(Tool, Planner));
    }

    [Fact]
    public void Root_gives_itself_up_and_nobody_else_is_changed()
    {
        Assert.Equal(65533u, Plan(Planner with { Root = true }).UserId);
        Assert.Null(Plan(Planner).UserId);
    }

    [Theory]
    [InlineData("Namespaces", true)]
    [InlineData("Landlock", false)] // it would count all processes of the user on the machine
    public void Processes_are_limited_where_they_are_the_program_s_own(string mode, bool limited) =>
        Assert.Equal(limited, Plan(Planner with { Mode = Enum.Parse<LaunchMode>(mode) }).Limits.Any(limit => limit.Limit == ResourceLimit.Processes));

    [Fact]
    public void Zygote_has_no_filter_and_no_limit_of_one_job()
    {
        var plan = Planner.Zygote(Limits, RunnerFiles.For(SnippetLanguage.Python).Files, ["python3"]);

        Assert.True(plan.Zygote);
        Assert.Empty(plan.Filter);
        Assert.Null(plan.Landlock);
        Assert.DoesNotContain(plan.Limits, limit => limit.Limit is ResourceLimit.Cpu or ResourceLimit.Data or ResourceLimit.AddressSpace);
        Assert.NotNull((Planner with { Mode = LaunchMode.Landlock }).Zygote(Limits, [], []).Landlock);
    }

    [Fact]
    public void Program_without_namespaces_is_told_where_it_may_write()
    {
        var plan = Plan(Planner with { Mode = LaunchMode.Landlock });

        Assert.Equal("{scratch}/tmp", plan.Arguments[^1]);
        Assert.Contains("TMPDIR={scratch}/tmp", plan.Environment);
        Assert.Contains(plan.Landlock!.Rules, rule => rule.Path == "{scratch}/tmp");
        Assert.DoesNotContain(plan.Landlock.Rules, rule => rule.Path == "/tmp");
    }

    private static LaunchPlan Plan(LaunchPlanner planner) => planner.OneShot(Limits, RunnerFiles.For(SnippetLanguage.Python).Files);

    private static string Digest(LauncherTool tool, LaunchPlanner planner) => LauncherSandbox.DigestOf(tool, planner, RunnerFiles.For(SnippetLanguage.Python));
}
