using EdgeCoder.Executor.Isolation;
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
    public void On_linux_no_back_end_of_another_system_is_offered() =>
        Assert.DoesNotContain(BackEnds.OfThisSystem(new ExecutorOptions { DataDirectory = "/nowhere" }), one => one.Name is "seatbelt" or "appcontainer");
}
