using EdgeCoder.AnchorProxy.Broadcasts;
using EdgeCoder.AnchorProxy.Composition;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Ledger.Anchors;
using EdgeCoder.Ledger.Anchors.Bitcoind;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.AnchorProxy.Confirmations;

/// <summary><c>GET /anchor/confirm/:txid</c> (economy-and-ledger 13.5).</summary>
internal static class ConfirmationEndpoints
{
    private const int HashDigits = 64;

    /// <summary>Maps it.</summary>
    public static void MapConfirmations(this IEndpointRouteBuilder routes)
    {
        var wallet = routes.ServiceProvider.GetRequiredService<BitcoindWallet>();
        routes.MapGuarded("GET", "/anchor/confirm/{txid}", ProxyRule.Bearer, async context =>
        {
            var txid = Hash((string?)context.Request.RouteValues["txid"], "invalid_txid");
            var named = context.Request.Query["blockHash"] is [var block] ? Hash(block, "invalid_block_hash") : null;
            try
            {
                var found = await wallet.FindAsync(txid, named, context.RequestAborted).ConfigureAwait(false);
                var answer = new ConfirmationAnswer(true, found.Confirmations > 0, found.Confirmations, found.BlockHeight, found.BlockHash, found.IsKnown, found.DataHex, found.NamedBlockLeft);
                await TypedResults.Json(answer, ProxyJson.Default.ConfirmationAnswer).ExecuteAsync(context).ConfigureAwait(false);
            }
            catch (AnchorException fault)
            {
                throw BroadcastEndpoints.Failed("confirmation_check_failed", fault.Message);
            }
        });
    }

    private static string Hash(string? text, string code) =>
        text is { Length: HashDigits } && text.All(char.IsAsciiHexDigit) ? text.ToLowerInvariant() : throw new Refusal(400, code, "It must be 64 hex digits.");
}

/// <summary>Answer of <c>GET /anchor/confirm/:txid</c>.</summary>
/// <param name="Ok">Always true.</param>
/// <param name="Confirmed">Whether it is in a block of the best chain.</param>
/// <param name="Confirmations">Blocks from its own to the newest.</param>
/// <param name="BlockHeight">Height of its block.</param>
/// <param name="BlockHash">Its block.</param>
/// <param name="Known">Whether the wallet knows it at all.</param>
/// <param name="DataHex">What its data output carries, so that the caller can compare the bytes.</param>
/// <param name="NamedBlockLeft">With <c>?blockHash=</c>: true where that block is known and not on the best chain, false where it is on it, absent where neither is proven.</param>
internal sealed record ConfirmationAnswer(bool Ok, bool Confirmed, long Confirmations, long? BlockHeight, string? BlockHash, bool Known, string? DataHex, bool? NamedBlockLeft);
