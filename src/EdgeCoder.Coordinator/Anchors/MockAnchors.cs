using System.Security.Cryptography;
using System.Text;
using EdgeCoder.Ledger.Anchors;

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>Provider <c>mock</c>: pretends that everything is in a block at once. For tests; refused in production and on the network bitcoin.</summary>
internal sealed class MockAnchors : IAnchorProvider
{
    private const int Depth = 6;

    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, string> _sent = new();

    /// <inheritdoc/>
    public bool CanBroadcast => true;

    /// <inheritdoc/>
    public Task<SignedAnchor?> SignAsync(string payloadHex, CancellationToken cancellationToken) => Task.FromResult<SignedAnchor?>(null);

    /// <inheritdoc/>
    public Task<string> SendAsync(string payloadHex, SignedAnchor? signed, bool wasTaken, CancellationToken cancellationToken)
    {
        var txid = Pretended("transaction " + payloadHex);
        _sent[txid] = payloadHex;
        return Task.FromResult(txid);
    }

    /// <inheritdoc/>
    public Task<ChainSighting> FindAsync(string txid, string? namedBlock, CancellationToken cancellationToken) => Task.FromResult(
        _sent.TryGetValue(txid, out var payload) ? new ChainSighting { IsKnown = true, Confirmations = Depth, BlockHash = Pretended("block " + txid), BlockHeight = 1, DataHex = payload, NamedBlockLeft = false } : new ChainSighting());

    private static string Pretended(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
