using System.Globalization;
using EdgeCoder.TestKit.Models;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.TestKit.Bitcoin;

/// <summary>An explorer with the HTTP interface of Esplora over the scripted chain: what it is asked by GET, it answers as JSON or text; what it does not know is 404 with a line of text.</summary>
public sealed class ScriptedEsplora : ScriptedServer
{
    private ScriptedEsplora(ScriptedChain chain) => Chain = chain;

    /// <summary>What it shows; another one is an explorer that disagrees.</summary>
    public ScriptedChain Chain { get; set; }

    /// <summary>Status with which it answers everything; null: it works. 0 cuts the connection.</summary>
    public int? Fails { get; set; }

    /// <summary>Claims that a transaction is in a block with a proof that does not lead there.</summary>
    public bool Lies { get; set; }

    /// <summary>Starts one.</summary>
    public static async Task<ScriptedEsplora> StartAsync(ScriptedChain chain)
    {
        var explorer = new ScriptedEsplora(chain);
        await explorer.ListenAsync();
        return explorer;
    }

    /// <inheritdoc/>
    protected override Task HandleAsync(HttpContext context, ServedRequest request)
    {
        if (Fails is 0)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        if (Fails is { } status)
        {
            return TextAsync(context, status, "Service unavailable");
        }

        return request.Path.Split('/')[1..] switch
        {
            ["blocks", "tip", "height"] => TextAsync(context, 200, (Chain.Best.Count - 1).ToString(CultureInfo.InvariantCulture)),
            ["block-height", var height] when int.TryParse(height, CultureInfo.InvariantCulture, out var at) && at < Chain.Best.Count => TextAsync(context, 200, Chain.Best[at].Hash),
            ["block-height", _] => TextAsync(context, 404, "Block not found"),
            ["block", var hash, "header"] when Chain.Block(hash) is { } block => TextAsync(context, 200, Convert.ToHexStringLower(block.Header)),
            ["block", var hash, "status"] => JsonAsync(context, 200, Chain.Block(hash) is { } block && Chain.Confirmations(block) > 0 ? new { in_best_chain = true, height = block.Height } : new { in_best_chain = false }),
            ["tx", var txid] when Chain.Find(txid) is { Transaction: { } transaction } found => JsonAsync(context, 200, Shown(transaction, found.Block)),
            ["tx", var txid, "merkle-proof"] when Chain.Find(txid).Block is { } block => JsonAsync(context, 200, new
            {
                block_height = block.Height,
                merkle = Lies ? [new string('0', 64)] : block.Branch(txid),
                pos = block.Txids.ToList().IndexOf(txid),
            }),
            ["tx", ..] => TextAsync(context, 404, "Transaction not found"),
            _ => TextAsync(context, 404, "endpoint does not exist"),
        };
    }

    private static object Shown(ScriptedTransaction transaction, ScriptedBlock? block) => new
    {
        txid = transaction.Txid,
        version = 2,
        vout = new object[] { new { scriptpubkey = transaction.DataScriptHex, scriptpubkey_type = "op_return", value = 0 }, new { scriptpubkey = "0014" + new string('0', 40), scriptpubkey_type = "v0_p2wpkh", value = transaction.ChangeSats } },
        status = block is null ? (object)new { confirmed = false } : new { confirmed = true, block_height = block.Height, block_hash = block.Hash, block_time = 1_700_000_000 },
    };

    private static Task TextAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }
}
