using EdgeCoder.Executor.Commands;
using Xunit;

namespace EdgeCoder.Executor.Tests.Commands;

/// <summary>What commands do in the sandbox, and how they end.</summary>
[Collection(CommandCollection.Name)]
public sealed class ProjectSandboxTests(CommandFixture fixture)
{
    private readonly Worktree worktree = new(fixture);

    [Fact]
    public async Task Canaries_are_contained_on_this_machine() =>
        Assert.Null(await fixture.Sandbox.PrepareAsync(TestContext.Current.CancellationToken));

    [Fact]
    public async Task Command_runs_in_the_worktree_and_its_streams_and_code_come_back()
    {
        var outcome = await worktree.RunAsync(worktree.Script("pwd; echo wrong >&2; echo new > file; exit 3"));
        Assert.Null(outcome.Refusal);
        Assert.Equal((CommandEnd.Exited, 3), (outcome.End, outcome.ExitCode));
        Assert.Equal($"{Worktree.Target}\n", outcome.Stdout.ToString());
        Assert.Equal("wrong\n", outcome.Stderr.ToString());
        Assert.Equal("new\n", File.ReadAllText(Path.Combine(worktree.Directory, "file")));
        Assert.Equal("namespaces", outcome.Sandbox!.Backend);
    }
}
