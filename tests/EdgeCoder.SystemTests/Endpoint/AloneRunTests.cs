using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Processes;

namespace EdgeCoder.SystemTests.Endpoint;

/// <summary>The wall that the tests of agents rely on fires.</summary>
public sealed class AloneRunTests
{
    [Fact]
    public async Task Whoever_asks_for_another_host_is_refused_and_written_down()
    {
        using var alone = new AloneRun();
        using var directory = new TemporaryDirectory();
        var result = await alone.ToEndAsync(directory.Path, "git", "ls-remote", "https://example.invalid/x");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Equal("CONNECT example.invalid:443 HTTP/1.1", alone.Attempts[0]);
    }

    [Fact]
    public async Task Without_the_proxy_there_is_nobody_to_reach_not_even_on_this_machine()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var alone = new AloneRun();
        using var directory = new TemporaryDirectory();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        var result = await alone.ToEndAsync(directory.Path, "node", "-e", $"require('net').connect({port}, '127.0.0.1').on('error', (fault) => console.log(fault.code)).on('connect', () => console.log('reached'))");
        Assert.Equal("ECONNREFUSED", result.Output.Trim());
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task A_program_lives_on_when_the_thread_that_started_it_has_ended()
    {
        using var alone = new AloneRun();
        using var directory = new TemporaryDirectory();
        using (var make = Process.Start("mkfifo", [directory["began"], directory["go"]]))
        {
            await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Task<ProgramResult>? run = null;
        var starter = new Thread(() =>
        {
            run = alone.ToEndAsync(directory.Path, "sh", "-c", "echo > began; read line < go; echo $line");
            File.ReadAllText(directory["began"]);
        });
        starter.Start();
        starter.Join();
        await File.WriteAllTextAsync(directory["go"], "on\n", TestContext.Current.CancellationToken);
        var result = await run!;
        Assert.Equal((0, "on\n"), (result.ExitCode, result.Output));
    }
}
