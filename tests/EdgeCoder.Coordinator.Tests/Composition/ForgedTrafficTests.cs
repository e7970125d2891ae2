using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using EdgeCoder.Coordinator.Agents;
using EdgeCoder.Coordinator.SecurityEvents;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Signatures;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Tests.Composition;

/// <summary>What strangers send in the name of an agent does that agent no harm (economy-and-ledger 22, F23).</summary>
public sealed class ForgedTrafficTests(ComposedCoordinator coordinator) : IClassFixture<ComposedCoordinator>
{
    private const string Victim = "agent-approved";

    // What is told of refused requests is bounded on its own, and looked at below.
    private static readonly string[] s_told = ["security_events", "log_events", "log_leaves", "log_checkpoints"];
    private static readonly byte[] Beat = ContractCalls.Text($$"""{"agentId":"{{Victim}}","busySlots":0}""");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Thousand_forged_replayed_and_malformed_requests_leave_their_victim_as_it_was()
    {
        using var victim = new HttpClient { BaseAddress = coordinator.Role.Url };
        using var attacker = From(IPAddress.Parse("127.0.0.2"));
        var (seen, unseen) = (Sign(coordinator.Approved, Beat), Sign(coordinator.Approved, Beat));
        Assert.Equal(200, await SendAsync(victim, Beat, seen));

        // What the victim itself has told is in its rows before anybody else sends anything.
        await coordinator.Role.Services.GetRequiredService<AgentWatch>().FlushAsync(Cancellation);
        await coordinator.Role.Services.GetRequiredService<IStoreWriter>().WriteAsync(_ => true, Cancellation);
        var before = await coordinator.DumpAsync(s_told);

        // Another key; a request of the victim's own again; one of its own with another body; what cannot be read.
        using var other = SigningKey.Generate();
        await Parallel.ForEachAsync(Enumerable.Range(0, 1000), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Cancellation }, async (n, _) =>
        {
            var status = (n % 4) switch
            {
                0 => await SendAsync(attacker, Beat, Sign(other, Beat)),
                1 => await SendAsync(attacker, Beat, seen),
                2 => await SendAsync(attacker, ContractCalls.Text($$"""{"agentId":"{{Victim}}","busySlots":64}"""), unseen),
                _ => await SendAsync(attacker, ContractCalls.Text($$"""{"agentId":"{{Victim}}","""), Sign(other, Beat), $"sig1=:{n}:"),
            };
            Assert.True(status is 400 or 401 or 429, $"{n}: {status}");
        });

        // Strikes, pay, limits and state are in it; and the victim goes on, with the very request that was bent.
        Assert.Equal(before, await coordinator.DumpAsync(s_told));
        Assert.Equal(200, await SendAsync(victim, Beat, unseen));
        Assert.Equal(200, await SendAsync(victim, Beat, Sign(coordinator.Approved, Beat)));

        // What is told of it all: one event of each kind, which names nobody, whatever else comes in this hour.
        var tally = coordinator.Role.Services.GetRequiredService<SecurityTally>();
        var first = await tally.FlushAsync(Cancellation);
        Assert.InRange(first, 2, 3);
        for (var n = 0; n < 10; n++)
        {
            Assert.Equal(401, await SendAsync(victim, Beat, Sign(other, Beat)));
        }

        // Two at most where the hour ended just now.
        Assert.InRange(await tally.FlushAsync(Cancellation), 0, 1);
        var (events, leaves) = await coordinator.Role.Services.GetRequiredService<IStoreWriter>().WriteAsync(
            batch => (batch.Query("SELECT json FROM security_events", row => row.Text(0)), batch.Query("SELECT COUNT(*) FROM log_events", row => row.Number(0))[0]), Cancellation);
        Assert.All(["replay_attempt", "invalid_signature"], kind => Assert.Contains(events, json => json.Contains($"\"{kind}\"", StringComparison.Ordinal)));
        Assert.All(events, json => Assert.DoesNotContain(Victim, json, StringComparison.Ordinal));
        Assert.InRange(leaves, 0, 4);
    }

    private SignedHeaders Sign(SigningKey key, byte[] body)
    {
        using var signer = new RequestSigner(key, "agent:" + Victim, coordinator.PeerId, TimeProvider.System);
        return signer.Sign(RequestTarget.Of("POST", new Uri(coordinator.Role.Url, "/heartbeat")), ContentDigest.Of(body));
    }

    private static async Task<int> SendAsync(HttpClient http, byte[] body, SignedHeaders headers, string? signature = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/heartbeat") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Content.Headers.TryAddWithoutValidation(ContentDigest.Header, headers.ContentDigest);
        request.Headers.TryAddWithoutValidation(SignatureHeaders.Input, headers.SignatureInput);
        request.Headers.TryAddWithoutValidation(SignatureHeaders.Signature, signature ?? headers.Signature);
        using var answer = await http.SendAsync(request, Cancellation);
        return (int)answer.StatusCode;
    }

    // What limits strangers counts by address; a victim at the attacker's own address is another matter.
    private HttpClient From(IPAddress address) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, stop) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.Bind(new IPEndPoint(address, 0));
                await socket.ConnectAsync(context.DnsEndPoint, stop);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    }) { BaseAddress = coordinator.Role.Url };
}
