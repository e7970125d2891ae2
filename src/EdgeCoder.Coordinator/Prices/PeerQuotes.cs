using EdgeCoder.Coordinator.Issuance;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Prices;

/// <summary>Asks the other members of the quorum set for their signed quotes (economy-and-ledger 5). Who does not answer, or not with its own key, has no say this time.</summary>
internal sealed class PeerQuotes(PeerDirectory peers, PeerCalls calls, PeerOptions options)
{
    private static readonly ResourceClass[] Classes = [ResourceClass.Cpu, ResourceClass.Gpu];

    /// <summary>The quotes that came, with their exact bytes.</summary>
    public async Task<IReadOnlyList<(PriceQuote Quote, byte[] Bytes)>> AskAsync(IReadOnlyList<QuorumPeer> members, CancellationToken cancellationToken)
    {
        var active = await peers.ActiveAsync(cancellationToken).ConfigureAwait(false);
        var asked = from peer in active
                    let member = members.FirstOrDefault(one => one.CoordinatorId == peer.PeerId)
                    where member is not null
                    from resourceClass in Classes
                    select OneAsync(peer, member.Keys, resourceClass, cancellationToken);
        return [.. (await Task.WhenAll(asked).ConfigureAwait(false)).OfType<(PriceQuote, byte[])>()];
    }

    private async Task<(PriceQuote Quote, byte[] Bytes)?> OneAsync(PeerRow peer, IReadOnlyList<VerifyingKey> keys, ResourceClass resourceClass, CancellationToken cancellationToken)
    {
        var path = "/economy/price/quote?resourceClass=" + (resourceClass == ResourceClass.Gpu ? "gpu" : "cpu");
        return (await calls.GetAsync(peer, path, options.Timeout, cancellationToken).ConfigureAwait(false)).Read(PriceJson.Default.PriceQuoteAnswer) is { Signed: { } text }
            && Base64Text.TryRead(text) is { } bytes && PriceQuotes.Read(bytes, peer.PeerId, keys) is { } quote && quote.ResourceClass == resourceClass
                ? (quote, bytes)
                : null;
    }
}
