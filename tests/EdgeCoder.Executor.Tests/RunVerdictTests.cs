using System.Text;
using EdgeCoder.Executor.Running;
using EdgeCoder.Protocol.Runs;

namespace EdgeCoder.Executor.Tests;

/// <summary>Endings that look like others.</summary>
public sealed class RunVerdictTests
{
    // Process 1 of a namespace cannot be ended by its own SIGABRT: an aborting V8 goes on to an instruction that faults.
    [Theory]
    [InlineData(128 + 6)]
    [InlineData(128 + 5)]
    [InlineData(128 + 11)]
    public void Engine_that_aborts_for_lack_of_memory_has_reached_the_memory_limit(int status)
    {
        var result = Judge(status, "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory");

        Assert.Equal((QueueReason.MemoryLimit, "memory_limit"), (result.QueueReason!.Value, result.Detail!.Code));
    }

    [Theory]
    [InlineData(128 + 6)]
    [InlineData(128 + 11)]
    public void Engine_that_aborts_without_saying_so_has_crashed(int status)
    {
        var result = Judge(status, "");

        Assert.Equal((QueueReason.RuntimeError, "crashed"), (result.QueueReason!.Value, result.Detail!.Code));
    }

    private static RunResult Judge(int status, string said)
    {
        var limits = LimitPlan.Read(SnippetLanguage.JavaScript, new()).Plan!;
        var report = new ReportChannel("key");
        report.Add("ready\nkey start {}\n"u8);
        var stderr = new OutputCapture(limits.OutputBytes);
        stderr.Add(Encoding.UTF8.GetBytes(said));
        return RunVerdict.Judge(SnippetLanguage.JavaScript, limits, testsGiven: false, "solution.js", new SandboxIdentity { Backend = "namespaces", Digest = "" }, new SandboxOutcome
        {
            End = SandboxEnd.Finished,
            Status = status,
            Stdout = new(limits.OutputBytes),
            Stderr = stderr,
            Report = report,
            Startup = TimeSpan.Zero,
            Program = TimeSpan.Zero,
            CpuMs = 0,
            MemoryBytes = null,
        });
    }
}
