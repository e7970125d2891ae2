using System.Net;
using System.Text.Json;
using EdgeCoder.Coordinator.Issuance;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Prices;
using EdgeCoder.Coordinator.Tests.Log;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Tasks;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Tests.Prices;

/// <summary>Quotes that peers are asked for (economy-and-ledger 5, 22 F21): only what the peer itself has signed, for what was asked.</summary>
public sealed class PeerQuotesTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Quotes_of_a_peer_come_with_their_exact_bytes_and_nobody_elses_do()
    {
        using var key = SigningKey.Generate();
        using var stranger = SigningKey.Generate();
        await using var log = await RunningLog.StartAsync();
        await log.ApproveAsync("coord-2", key.PublicKey);
        IReadOnlyList<QuorumPeer> members = [new("coord-2", key.PublicKey, [key.PublicKey])];

        Assert.Equal([ResourceClass.Cpu, ResourceClass.Gpu], (await AskAsync(log, members, one => Answer(one, "coord-2", key))).Select(quote => quote.Quote.ResourceClass));
        Assert.Empty(await AskAsync(log, members, one => Answer(one, "coord-2", stranger)));
        Assert.Empty(await AskAsync(log, members, one => Answer(one, "coord-3", key)));
        Assert.Single(await AskAsync(log, members, _ => Answer(ResourceClass.Cpu, "coord-2", key)));
        Assert.Empty(await AskAsync(log, members, _ => null));
        Assert.Empty(await AskAsync(log, [], one => Answer(one, "coord-2", key)));
    }

    private static async Task<IReadOnlyList<(PriceQuote Quote, byte[] Bytes)>> AskAsync(RunningLog log, IReadOnlyList<QuorumPeer> members, Func<ResourceClass, byte[]?> answer)
    {
        var options = new PeerOptions { Handler = () => new Answering(answer) };
        using var calls = new PeerCalls(log.Services.GetRequiredService<CoordinatorIdentity>(), options, log.Services.GetRequiredService<TimeProvider>());
        return await new PeerQuotes(log.Services.GetRequiredService<PeerDirectory>(), calls, options).AskAsync(members, Stop);
    }

    private static byte[] Answer(ResourceClass resourceClass, string coordinatorId, SigningKey key)
    {
        var quote = new PriceQuote { V = 1, CoordinatorId = coordinatorId, ResourceClass = resourceClass, PricePerComputeUnitSats = 33, SupplyIndex = 10, DemandIndex = 13, CreatedAtMs = 1_800_000_000_000 };
        var signed = SignedDocument.Sign(DocumentContexts.PriceQuote, quote, PriceDocumentJson.Default.PriceQuote, key);
        return JsonSerializer.SerializeToUtf8Bytes(new(coordinatorId, resourceClass, 33, 10, 13, 1_800_000_000_000, null, Convert.ToBase64String(signed), null), PriceJson.Default.PriceQuoteAnswer);
    }

    private sealed class Answering(Func<ResourceClass, byte[]?> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Assert.Equal("https://peer.example/economy/price/quote", request.RequestUri!.GetLeftPart(UriPartial.Path));
            var body = answer(request.RequestUri.Query.EndsWith("=gpu", StringComparison.Ordinal) ? ResourceClass.Gpu : ResourceClass.Cpu);
            return Task.FromResult(body is null ? new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) : new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(body) });
        }
    }
}
