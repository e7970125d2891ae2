using System.Diagnostics;

namespace EdgeCoder.Executor.Tests.Isolation.Launcher;

/// <summary>On a machine that lets nobody make user namespaces: here a sandbox that forbids them (bwrap(1), --disable-userns) is that machine.</summary>
public sealed class BlockedNamespacesTests
{
    [Fact]
    public async Task Landlock_contains_every_attempt() =>
        Assert.Equal("every attempt was contained\n", await SelfTestAsync("Landlock"));

    [Fact]
    public async Task Namespaces_are_refused_with_the_reason() =>
        Assert.Contains("the launcher could not make namespaces: ", await SelfTestAsync("Namespaces"), StringComparison.Ordinal);

    private static async Task<string> SelfTestAsync(string mode)
    {
        string[] arguments = ["--dev-bind", "/", "/", "--unshare-user", "--disable-userns", "--uid", "1234", "--gid", "1234", "--", "dotnet", Path.Combine(AppContext.BaseDirectory, "EdgeCoder.Executor.Probe.dll"), "self-test", mode];
        using var process = Process.Start(new ProcessStartInfo("bwrap", arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return output;
    }
}
