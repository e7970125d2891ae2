using EdgeCoder.Executor.Isolation.Bubblewrap;
using EdgeCoder.Executor.Isolation.Seccomp;
using EdgeCoder.Executor.Verification;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Executor.Tests;

/// <summary>The self-test finds each way in which a sandbox could be weaker than it says: the bug is planted, and it must be noticed.</summary>
public sealed class SelfTestTests
{
    [Theory]
    [InlineData("--tmpfs /var/tmp", "write outside")]
    [InlineData("--proc /proc", "see other processes")]
    [InlineData("--ro-bind /etc /etc", "read outside")]
    [InlineData("--ro-bind /usr/bin /usr/bin", "read outside")]
    public async Task Weakened_sandbox_is_found_out(string weakening, string canary)
    {
        foreach (var language in Enum.GetValues<SnippetLanguage>())
        {
            using var data = new TemporaryDirectory();
            var options = new ExecutorOptions { DataDirectory = data.Path };
            var ready = await SandboxReadiness.FindAsync(options, language, again: false, TestContext.Current.CancellationToken);
            var tool = (await BubblewrapTool.FindAsync(options.ToolPath, Environment.IsPrivilegedProcess, TestContext.Current.CancellationToken)).Tool!;
            var weak = new BubblewrapSandbox(tool, ready.Interpreter!, MachineArchitectures.Current!.Value, TimeProvider.System) { Weakening = weakening.Split(' ') };

            var (canaries, refusal) = await SelfTest.RunAsync(weak, TestContext.Current.CancellationToken);

            Assert.NotNull(refusal);
            Assert.Contains(canaries, one => one.Name == canary && !one.Contained);
        }
    }

    [Fact]
    public async Task What_was_proven_is_remembered_until_something_changes()
    {
        using var data = new TemporaryDirectory();
        var options = new ExecutorOptions { DataDirectory = data.Path };
        var first = await SandboxReadiness.FindAsync(options, SnippetLanguage.Python, again: false, TestContext.Current.CancellationToken);
        var second = await SandboxReadiness.FindAsync(options, SnippetLanguage.Python, again: false, TestContext.Current.CancellationToken);

        Assert.NotEmpty(first.Attempts[0].Canaries);
        Assert.Empty(second.Attempts[0].Canaries);
        Assert.Equal(first.Sandbox!.Identity, second.Sandbox!.Identity);
    }

    [Theory]
    [InlineData("\"launcher-namespaces\":\"", "\"launcher-namespaces\":\"0")]
    [InlineData("\"FileStamp\":\"", "\"FileStamp\":\"0")]
    [InlineData("\"Situation\":\"", "\"Situation\":\"another boot ")]
    [InlineData("{", "")]
    public async Task What_is_remembered_of_another_situation_is_proven_again(string part, string changed)
    {
        using var data = new TemporaryDirectory();
        var options = new ExecutorOptions { DataDirectory = data.Path };
        await SandboxReadiness.FindAsync(options, SnippetLanguage.Python, again: false, TestContext.Current.CancellationToken);
        var file = data["executor/verified-python.json"];
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).Replace(part, changed, StringComparison.Ordinal), TestContext.Current.CancellationToken);

        var again = await SandboxReadiness.FindAsync(options, SnippetLanguage.Python, again: false, TestContext.Current.CancellationToken);

        Assert.NotEmpty(again.Attempts[0].Canaries);
        Assert.NotNull(again.Sandbox);
    }
}
