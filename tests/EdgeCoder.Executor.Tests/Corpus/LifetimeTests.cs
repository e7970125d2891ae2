using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeCoder.Executor.Isolation.Native;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Executor.Tests.Corpus;

/// <summary>Nothing outlives its run, its cancellation, or its host. Alone, because processes are counted.</summary>
[Collection(nameof(HostileProgramTests))]
public sealed class LifetimeTests(ExecutorFixture fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    // What is left when a host is killed goes at once, but on a busy machine that needs its turns; what is not ended lives for minutes.
    private static readonly TimeSpan Leaving = TimeSpan.FromMinutes(2);

    // At one process a sandbox is only being made; then there are the program, a zygote and the children that wait.
    [Theory]
    [InlineData("python", 1)]
    [InlineData("python", 2)]
    [InlineData("python", 3)]
    [InlineData("python", 4)]
    [InlineData("javascript", 1)]
    public void Killed_host_leaves_no_process(string language, int processes)
    {
        using var data = new TemporaryDirectory();
        using var host = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "EdgeCoder.Executor.Probe.dll"), data.Path, language]))!;
        var remembered = Path.Combine(data.Path, "executor", $"verified-{language}.json");

        // The self-test is over when its result is there.
        Assert.True(SpinWait.SpinUntil(() => File.Exists(remembered) && HostileHost.SandboxedProcesses(host.Id).Count >= processes, Patience), "the sandbox did not start");
        var inside = HostileHost.SandboxedProcesses(host.Id).Select(Descriptor.Process).ToList();
        host.Kill(); // SIGKILL to the host alone

        Assert.All(inside, process => Assert.True(process is null || Ends(process), "a process outlives its host"));
    }

    [Theory]
    [InlineData(SnippetLanguage.Python, "while True: pass")]
    [InlineData(SnippetLanguage.JavaScript, "require('fs'); setInterval(() => {}, 1000)")]
    public async Task Cancelled_run_leaves_no_process(SnippetLanguage language, string program)
    {
        await fixture.Executor.PythonAsync("pass");
        await fixture.Executor.JavaScriptAsync("");
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var run = fixture.Executor.RunAsync(Snippets.Request(language, language == SnippetLanguage.Python ? "py" : "js", program, null, new() { Time = TimeSpan.FromMinutes(5) }), cancel.Token);
        Assert.True(SpinWait.SpinUntil(() => HostileHost.SandboxedProcesses().Count >= 2, Patience), "the sandbox did not start");

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.True(HostileHost.NothingIsLeft(fixture), HostileHost.WhatIsLeft(fixture));
    }

    [Fact]
    public async Task Finished_run_leaves_no_process_and_no_file()
    {
        var before = Directory.EnumerateFileSystemEntries(Path.GetTempPath()).ToHashSet(StringComparer.Ordinal);
        var result = await fixture.Executor.PythonAsync("open('left.txt', 'w').write('x')\nopen('/tmp/left.txt', 'w').write('x')");

        Assert.True(result.Ok, result.Show());
        Assert.True(HostileHost.NothingIsLeft(fixture), HostileHost.WhatIsLeft(fixture));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(Path.GetTempPath()).Except(before), path => path.Contains("left", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Descriptor_that_the_host_left_open_for_children_does_not_reach_the_program()
    {
        var leaked = Libc.Open("/etc/passwd", 0); // without close-on-exec
        try
        {
            var result = await fixture.Executor.PythonAsync("import os\nfor fd in range(5, 1100):\n    try:\n        os.fstat(fd)\n        print('open', fd)\n    except OSError: pass");

            Assert.Equal("", result.Stdout);
        }
        finally
        {
            _ = Libc.Close(leaked);
        }
    }

    [Fact]
    public async Task Source_is_not_visible_in_the_process_list()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var run = fixture.Executor.RunAsync(Snippets.Request(SnippetLanguage.Python, "py", "marker_7f3a = 1\nwhile True: pass", null, new() { Time = TimeSpan.FromMinutes(5) }), cancel.Token);
        Assert.True(SpinWait.SpinUntil(() => HostileHost.SandboxedProcesses().Count >= 2, Patience), "the sandbox did not start");

        Assert.All(HostileHost.SandboxedProcesses(), pid => Assert.DoesNotContain("marker_7f3a", HostileHost.CommandLine(pid), StringComparison.Ordinal));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    private static unsafe bool Ends(Descriptor process)
    {
        using (process)
        {
            var entry = new PollEntry { Descriptor = process.Number, Events = PollEntry.Readable };
            int happened;
            do
            {
                happened = Libc.Poll(&entry, 1, (int)Leaving.TotalMilliseconds); // interrupted when the host's end is signalled
            }
            while (happened < 0 && Marshal.GetLastPInvokeError() == Libc.ErrorInterrupted);
            return happened == 1;
        }
    }
}
