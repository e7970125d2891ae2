using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.Ledger.Anchors;

namespace EdgeCoder.Coordinator.Anchors;

/// <summary>
/// Provider <c>anchor-proxy</c> (economy-and-ledger 13.5). The proxy signs and keeps the bytes: the same payload has the same transaction there, so sending again is asking again.
/// </summary>
internal sealed class AnchorProxyAnchors(OwnAnchorProxy proxy, BitcoinNetwork network, TimeProvider time) : IAnchorProvider, IDisposable
{
    private const string Name = "anchor_proxy";

    private readonly AnchorHttp _http = new(proxy.Url, proxy.Token, Name, time);

    /// <inheritdoc/>
    public bool CanBroadcast => true;

    /// <inheritdoc/>
    public Task<SignedAnchor?> SignAsync(string payloadHex, CancellationToken cancellationToken) => Task.FromResult<SignedAnchor?>(null);

    /// <summary>Sends through the proxy: 1. it works for our network; 2. it sends.</summary>
    public async Task<string> SendAsync(string payloadHex, SignedAnchor? signed, bool wasTaken, CancellationToken cancellationToken)
    {
        // 1.
        await RequireNetworkAsync(cancellationToken).ConfigureAwait(false);

        // 2.
        var answer = _http.Read(Refused(await _http.AskAsync("anchor/broadcast", new JsonObject { ["dataHex"] = payloadHex }.ToJsonString(), cancellationToken).ConfigureAwait(false)));
        return Text(answer, "txid") is { Length: 64 } txid && txid.All(char.IsAsciiHexDigitLower) ? txid : throw _http.Unreadable(HttpStatusCode.OK);
    }

    /// <inheritdoc/>
    public async Task<ChainSighting> FindAsync(string txid, string? namedBlock, CancellationToken cancellationToken)
    {
        await RequireNetworkAsync(cancellationToken).ConfigureAwait(false);
        var answer = _http.Read(Refused(await _http.AskAsync($"anchor/confirm/{txid}" + (namedBlock is null ? "" : $"?blockHash={namedBlock}"), null, cancellationToken).ConfigureAwait(false)));
        var confirmed = Flag(answer, "confirmed") == true;
        return new()
        {
            IsKnown = confirmed || Flag(answer, "known") == true,
            Confirmations = confirmed ? Number(answer, "confirmations") ?? 0 : 0,
            BlockHash = confirmed ? Text(answer, "blockHash") : null,
            BlockHeight = confirmed ? Number(answer, "blockHeight") : null,
            DataHex = Text(answer, "dataHex"),
            NamedBlockLeft = Flag(answer, "namedBlockLeft"),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task RequireNetworkAsync(CancellationToken cancellationToken)
    {
        var theirs = Text(_http.Read(Refused(await _http.AskAsync("health", null, cancellationToken).ConfigureAwait(false))), "network");
        if (theirs != network.Name)
        {
            throw AnchorException.Said(Name + "_wrong_network", $"the anchor proxy works for {theirs}, and BITCOIN_NETWORK is {network}.");
        }
    }

    // What the proxy refuses is never permanent here: it forgets bytes that nobody takes, and signs others the next time.
    private static (HttpStatusCode, string) Refused((HttpStatusCode Status, string Text) answer)
    {
        if (answer.Status == HttpStatusCode.OK)
        {
            return answer;
        }

        try
        {
            var problem = JsonElement.Parse(answer.Text);
            throw AnchorException.Said(Name + "_" + (Text(problem, "error") ?? "refused"), Text(problem, "message") ?? $"status {(int)answer.Status}");
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return answer;
        }
    }

    private static string? Text(JsonElement answer, string name) => answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement answer, string name) => answer.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    private static bool? Flag(JsonElement answer, string name) =>
        answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;
}
