using EdgeCoder.Executor.Commands;
using EdgeCoder.Executor.Commands.Launching;
using EdgeCoder.Executor.Isolation.Seccomp;
using EdgeCoder.TestKit.Files;
using Xunit;

namespace EdgeCoder.Executor.Tests.Commands;

/// <summary>The isolation of commands proves itself before it is used, and one that does not hold is refused (agent-executor-models 2.5, 3.7; failure mode E4).</summary>
public sealed class CommandProofTests : IDisposable
{
    private readonly TemporaryDirectory data = new();

    /// <inheritdoc/>
    public void Dispose() => data.Dispose();

    [Theory]
    [InlineData("read outside")]
    [InlineData("read a masked file")]
    [InlineData("write to the system")]
    [InlineData("write what may be read")]
    [InlineData("connect to a host port")]
    [InlineData("exceed memory")]
    [InlineData("make a namespace")]
    public async Task Canary_that_gets_out_disqualifies_the_isolation(string canary)
    {
        var sandbox = new ProjectSandbox(Options) { Weakening = plan => Weaken(plan, canary) };
        var refusal = await sandbox.PrepareAsync(TestContext.Current.CancellationToken);
        Assert.Contains($"'{canary}'", refusal!.Message, StringComparison.Ordinal);
        var outcome = await sandbox.RunAsync(new ProjectCommand { Arguments = ["true"], WorkingDirectory = "/tmp", Mounts = [] }, TestContext.Current.CancellationToken);
        Assert.Equal((CommandEnd.Unavailable, 125, refusal.Message), (outcome.End, outcome.ExitCode, outcome.Refusal!.Message));
        Assert.False(File.Exists(Remembered));
    }

    [Fact]
    public async Task Sandbox_in_which_nothing_works_is_no_proof()
    {
        var sandbox = new ProjectSandbox(Options) { Weakening = plan => plan with { Limits = [.. plan.Limits.Select(limit => limit.Limit == EdgeCoder.Executor.Isolation.Entry.ResourceLimit.Data ? (limit.Limit, 1UL, 1UL) : limit)] } };
        Assert.Contains("does not let a command do what it may", (await sandbox.PrepareAsync(TestContext.Current.CancellationToken))!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Proof_is_remembered_while_nothing_has_changed()
    {
        var proven = 0;
        CommandPlan Count(CommandPlan plan)
        {
            proven++;
            return plan;
        }

        Assert.Null(await new ProjectSandbox(Options) { Weakening = Count }.PrepareAsync(TestContext.Current.CancellationToken));
        var first = proven;
        Assert.Null(await new ProjectSandbox(Options) { Weakening = Count }.PrepareAsync(TestContext.Current.CancellationToken));
        Assert.True(first > 10);
        Assert.Equal(first, proven);

        // Another boot, or what somebody else wrote.
        await File.WriteAllTextAsync(Remembered, (await File.ReadAllTextAsync(Remembered, TestContext.Current.CancellationToken)).Replace("Situation\":\"", "Situation\":\"x", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        Assert.Null(await new ProjectSandbox(Options) { Weakening = Count }.PrepareAsync(TestContext.Current.CancellationToken));
        Assert.Equal(2 * first, proven);
    }

    [Theory]
    [InlineData(SandboxMode.None, "this machine runs no code")]
    [InlineData(SandboxMode.Docker, "not built in this version")]
    [InlineData(SandboxMode.Vm, "not built in this version")]
    public async Task Mode_that_forbids_or_names_another_isolation_is_obeyed(SandboxMode mode, string reason)
    {
        var refusal = await new ProjectSandbox(Options with { Mode = mode }).PrepareAsync(TestContext.Current.CancellationToken);
        Assert.Contains(reason, refusal!.Message, StringComparison.Ordinal);
        Assert.NotNull(refusal.Remedy);
    }

    [Fact]
    public async Task Missing_launcher_is_told_with_the_remedy()
    {
        var refusal = await new ProjectSandbox(Options with { LauncherDirectory = data.Path }).PrepareAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("the launcher was not built", refusal!.Message, StringComparison.Ordinal);
        Assert.Contains("gcc", refusal.Remedy, StringComparison.Ordinal);
    }

    private ExecutorOptions Options => new() { DataDirectory = data.Path };

    private string Remembered => data["executor/verified-commands.json"];

    private CommandPlan Weaken(CommandPlan plan, string canary) => canary switch
    {
        "read outside" => plan with { Places = [.. plan.Places, new() { Kind = PlaceKind.Bind, Path = data.Path, Source = data.Path, IsDirectory = true, Owner = FileOwner.Of(data.Path) }] },
        "read a masked file" => plan with { Masks = [] },
        "write to the system" => plan with { Places = [.. plan.Places.Where(place => place.Path != "/usr"), new() { Kind = PlaceKind.FileSystem, Path = "/usr", Source = "tmpfs" }], Landlock = null },
        "write what may be read" => plan with { Places = [.. plan.Places.Select(place => place.Path == Executor.Commands.Canaries.CanaryPlace.Programs ? place with { Writable = true } : place)], Landlock = null },
        "connect to a host port" => plan with { Network = true },
        "exceed memory" => plan with { Limits = [] },
        "make a namespace" => plan with { Filter = SeccompFilter.Encode([new BpfInstruction(BpfInstruction.Return, 0, 0, SeccompAction.Allow)]) },
        _ => throw new ArgumentOutOfRangeException(nameof(canary)),
    };
}
