using EdgeCoder.Executor.Isolation;
using EdgeCoder.Executor.Verification;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Executor.Tests.OtherSystems;

public sealed class OtherSystemsTests
{
    [Fact]
    public async Task On_linux_they_are_named_and_never_used()
    {
        using var data = new TemporaryDirectory();
        var report = await ExecutorProbe.RunAsync(new ExecutorOptions { DataDirectory = data.Path }, TestContext.Current.CancellationToken);

        Assert.Equal(
            [("seatbelt", SandboxState.NotHere, "for macOS, untested"), ("appcontainer", SandboxState.NotHere, "for Windows, untested")],
            report.Attempts.Where(attempt => attempt.Backend is "seatbelt" or "appcontainer").Select(attempt => (attempt.Backend, attempt.State, attempt.Reason)));
        Assert.DoesNotContain(report.Active, (string[])["seatbelt", "appcontainer"]);
    }

    [Fact]
    public async Task On_linux_asking_for_them_gives_nothing() =>
        Assert.Null((await Verification.OtherSystems.FindAsync(new ExecutorOptions { DataDirectory = "/nowhere" }, SnippetLanguage.Python, TestContext.Current.CancellationToken)).Sandbox);

    [Fact]
    public void Where_one_passed_its_self_test_it_is_still_called_untested()
    {
        var attempt = Verification.OtherSystems.Attempt("seatbelt", "Seatbelt profile", "macOS", new SandboxReadiness { Sandbox = new Nothing(), Canaries = [new(SnippetLanguage.Python, "x", true, "")] });

        Assert.Equal(SandboxState.Untested, attempt.State);
        Assert.StartsWith("untested; ", attempt.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_one_failed_its_self_test_it_is_unavailable_with_the_reason()
    {
        var attempt = Verification.OtherSystems.Attempt("seatbelt", "Seatbelt profile", "macOS", new SandboxReadiness { Refusal = new("'connect' was not contained", "use Linux") });

        Assert.Equal((SandboxState.Unavailable, "'connect' was not contained", "use Linux"), (attempt.State, attempt.Reason, attempt.Remedy));
    }

    /// <summary>A sandbox that is only there.</summary>
    private sealed class Nothing : ISandbox
    {
        public SnippetLanguage Language => SnippetLanguage.Python;

        public EdgeCoder.Protocol.Runs.SandboxIdentity Identity => new() { Backend = "seatbelt", Digest = "" };

        public Task<EdgeCoder.Executor.Running.SandboxOutcome> RunAsync(EdgeCoder.Executor.Running.SandboxJob job, CancellationToken cancellationToken) => throw new InvalidOperationException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
