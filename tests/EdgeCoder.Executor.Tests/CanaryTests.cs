using EdgeCoder.Executor.Isolation.Bubblewrap;
using EdgeCoder.Executor.Isolation.Seccomp;
using EdgeCoder.Executor.Running;
using EdgeCoder.Executor.Verification;
using EdgeCoder.Protocol.Runs;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Executor.Tests;

/// <summary>Before the first program of a process the executor proves on itself that its sandbox holds; what gets out stops it.</summary>
public sealed class CanaryTests
{
    private static readonly string[] Held = [.. CanaryGate.Names];

    [Theory]
    [InlineData(SnippetLanguage.Python, "--ro-bind /etc /etc", "read outside")]
    [InlineData(SnippetLanguage.JavaScript, "--ro-bind /etc /etc", "read outside")]
    [InlineData(SnippetLanguage.Python, "--tmpfs /var/tmp", "write outside")]
    [InlineData(SnippetLanguage.JavaScript, "--tmpfs /var/tmp", "write outside")]
    public async Task Canary_that_gets_out_stops_everything(SnippetLanguage language, string weakening, string canary)
    {
        using var data = new TemporaryDirectory();
        var options = new ExecutorOptions { DataDirectory = data.Path };
        var ready = await SandboxReadiness.FindAsync(options, language, again: false, TestContext.Current.CancellationToken);
        var tool = (await BubblewrapTool.FindAsync(options.ToolPath, Environment.IsPrivilegedProcess, TestContext.Current.CancellationToken)).Tool!;
        var weak = new BubblewrapSandbox(tool, ready.Interpreter!, MachineArchitectures.Current!.Value, TimeProvider.System) { Weakening = weakening.Split(' ') };
        await using var executor = new CodeExecutor(options, subset: true, _ => Task.FromResult(new SandboxReadiness { Sandbox = new CanarySandbox(weak) }));

        foreach (var attempt in new[] { "first", "second" })
        {
            var result = await (language == SnippetLanguage.Python ? executor.PythonAsync($"print('{attempt} ran')") : executor.JavaScriptAsync($"console.log('{attempt} ran', require('fs'))"));

            Assert.Equal(QueueReason.SandboxUnavailable, result.QueueReason);
            Assert.Equal("canary_escaped", result.Detail!.Code);
            Assert.Contains(canary, result.Stderr, StringComparison.Ordinal);
            Assert.Equal("", result.Stdout);
        }
    }

    [Fact]
    public void Canaries_are_demanded_until_all_were_told_to_fail()
    {
        var gate = new CanaryGate();

        gate.Judge(Told(started: false));
        Assert.True(gate.IsDemanded);
        gate.Judge(Told(started: true, Held));

        Assert.False(gate.IsDemanded);
        Assert.Null(gate.Escaped);
    }

    [Fact]
    public void Program_that_started_without_all_canaries_is_an_escape()
    {
        foreach (var told in new[] { [], Held[..4], Held[1..], [.. Held, "read outside"] })
        {
            var gate = new CanaryGate();
            gate.Judge(Told(started: true, told));

            Assert.NotNull(gate.Escaped);
        }
    }

    [Fact]
    public void Canary_that_got_out_is_named()
    {
        var gate = new CanaryGate();
        gate.Judge(Told(started: false, [.. Held[..2], "!connect"]));

        Assert.Equal("connect", gate.Escaped);
    }

    private static SandboxOutcome Told(bool started, params string[] names)
    {
        var report = new ReportChannel("key");
        report.Add("ready\n"u8);
        foreach (var name in names)
        {
            report.Add(System.Text.Encoding.UTF8.GetBytes($$"""key canary {"name":"{{name.TrimStart('!')}}","contained":{{(name[0] == '!' ? "false" : "true")}}}""" + "\n"));
        }

        report.Add(started ? "key start {}\n"u8 : []);
        return new SandboxOutcome
        {
            End = SandboxEnd.Finished,
            Status = 0,
            Stdout = new(2),
            Stderr = new(2),
            Report = report,
            Startup = TimeSpan.Zero,
            Program = TimeSpan.Zero,
            CpuMs = 0,
            MemoryBytes = null,
        };
    }
}
