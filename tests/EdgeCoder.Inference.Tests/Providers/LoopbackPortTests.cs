using System.Net;
using System.Net.Sockets;
using EdgeCoder.Inference.Providers;

namespace EdgeCoder.Inference.Tests.Providers;

public sealed class LoopbackPortTests
{
    [Fact]
    public async Task A_listener_is_seen_and_its_end_too()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        Assert.True(ServerAddress.TryParse($"http://127.0.0.1:{port}", null, out var address, out _));
        Assert.True(await LoopbackPort.ListensAsync(address, TimeProvider.System, TestContext.Current.CancellationToken));
        listener.Stop();
        Assert.False(await LoopbackPort.ListensAsync(address, TimeProvider.System, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Nothing_is_asked_of_an_address_elsewhere()
    {
        Assert.True(ServerAddress.TryParse("https://models.example", null, out var address, out _));
        Assert.True(await LoopbackPort.ListensAsync(address, TimeProvider.System, TestContext.Current.CancellationToken));
    }
}
