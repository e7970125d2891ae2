using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCoder.TestKit.Models;
using Microsoft.AspNetCore.Http;

namespace EdgeCoder.TestKit.Bitcoin;

/// <summary>
/// A Bitcoin node over JSON-RPC as bitcoind answers it: Basic authentication with an empty 401, errors as JSON with status 500 or 404, its numbers and words, wallets by path. It
/// refuses calls whose form a real node would refuse. Only the calls of economy-and-ledger 13.4 are there.
/// </summary>
public sealed class ScriptedBitcoind : ScriptedServer
{
    public const string User = "anchor-user";
    public const string Password = "anchor-password-never-shown";
    public const string Wallet = "anchors";

    private static readonly byte[] Magic = [0x70, 0x73, 0x62, 0x74, 0xff];

    private ScriptedBitcoind(ScriptedChain chain) => Chain = chain;

    /// <summary>What it shows.</summary>
    public ScriptedChain Chain { get; }

    /// <summary>As <c>getblockchaininfo</c> names its network.</summary>
    public string ChainName { get; set; } = "signet";

    /// <summary>Fee of the next transaction.</summary>
    public long FeeSats { get; set; } = 250;

    /// <summary>A wallet that is locked, or one of several signers.</summary>
    public bool SignsHalf { get; set; }

    /// <summary>The node still loads the chain.</summary>
    public bool IsSyncing { get; set; }

    /// <summary>Whether the wallet is loaded.</summary>
    public bool HasWallet { get; set; } = true;

    /// <summary>In these words the node refuses every transaction; null: by its rules.</summary>
    public string? Refusal { get; set; }

    /// <summary>Signs something else than it was asked for.</summary>
    public string? SignsInstead { get; set; }

    /// <summary>Calls of these methods are cut before they are looked at: the node is down, or the caller is killed.</summary>
    public ISet<string> Cut { get; } = new HashSet<string>();

    /// <summary>Calls of these methods are done, and their answers are lost.</summary>
    public ISet<string> Lost { get; } = new HashSet<string>();

    /// <summary>Methods in the order of their calls.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Starts one.</summary>
    public static async Task<ScriptedBitcoind> StartAsync(ScriptedChain chain)
    {
        var node = new ScriptedBitcoind(chain);
        await node.ListenAsync();
        return node;
    }

    /// <inheritdoc/>
    protected override async Task HandleAsync(HttpContext context, ServedRequest request)
    {
        var wanted = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"));
        if (request.Headers.GetValueOrDefault("Authorization") != wanted)
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"jsonrpc\"";
            context.Response.StatusCode = 401;
            return;
        }

        var method = request.Body.GetProperty("method").GetString()!;
        Calls.Enqueue(method);
        if (Cut.Contains("*") || Cut.Contains(method))
        {
            context.Abort();
            return;
        }

        JsonNode answer;
        int status;
        try
        {
            (status, answer) = (200, new JsonObject { ["result"] = Answer(request.Path, method, request.Body.GetProperty("params")), ["error"] = null });
        }
        catch (RpcFault fault)
        {
            (status, answer) = (fault.Code == -32601 ? 404 : 500, new JsonObject { ["result"] = null, ["error"] = new JsonObject { ["code"] = fault.Code, ["message"] = fault.Message } });
        }

        if (Lost.Contains(method))
        {
            context.Abort();
            return;
        }

        answer["id"] = JsonNode.Parse(request.Body.GetProperty("id").GetRawText());
        await JsonAsync(context, status, answer);
    }

    private JsonNode? Answer(string path, string method, JsonElement given)
    {
        if (path.StartsWith("/wallet/", StringComparison.Ordinal) && (path != "/wallet/" + Wallet || !HasWallet))
        {
            throw new RpcFault(-18, "Requested wallet does not exist or is not loaded");
        }

        return method switch
        {
            "getblockchaininfo" => Info(Form(given, 0, 0)),
            "getbalances" => Balances(path, Form(given, 0, 0)),
            "walletcreatefundedpsbt" => Fund(path, Form(given, 2, 5)),
            "walletprocesspsbt" => Process(path, Form(given, 1, 5)),
            "finalizepsbt" => Finish(Form(given, 1, 2)),
            "testmempoolaccept" => Try(Form(given, 1, 2)),
            "sendrawtransaction" => Send(Form(given, 1, 3)),
            "gettransaction" => Transaction(path, Form(given, 1, 3)),
            "getblockheader" => Header(Form(given, 1, 2)),
            _ => throw new RpcFault(-32601, "Method not found"),
        };
    }

    private static List<JsonElement> Form(JsonElement given, int least, int most) =>
        given.ValueKind == JsonValueKind.Array && given.GetArrayLength() >= least && given.GetArrayLength() <= most ? [.. given.EnumerateArray()] : throw new RpcFault(-1, "help text of the call");

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new RpcFault(-3, $"JSON value of type {value.ValueKind} is not of expected type string");

    private static string Hash(JsonElement value) => Text(value) is { Length: 64 } hash && hash.All(char.IsAsciiHexDigitLower) ? hash : throw new RpcFault(-8, "hash must be of length 64");

    private static JsonNode Coins(long sats) => JsonNode.Parse((sats / 100_000_000m).ToString("0.00000000", CultureInfo.InvariantCulture))!;

    private void NeedWallet(string path)
    {
        if (!HasWallet || (path != "/" && path != "/wallet/" + Wallet))
        {
            throw new RpcFault(-18, "No wallet is loaded. Load a wallet using loadwallet or create a new one with createwallet. (Note: A default wallet is no longer automatically created)");
        }
    }

    private JsonObject Info(List<JsonElement> _) => new()
    {
        ["chain"] = ChainName, ["blocks"] = Chain.Best.Count - 1, ["headers"] = Chain.Best.Count - 1, ["bestblockhash"] = Chain.Best[^1].Hash,
        ["verificationprogress"] = IsSyncing ? 0.25 : 0.999999, ["initialblockdownload"] = IsSyncing, ["warnings"] = new JsonArray(),
    };

    private JsonObject Balances(string path, List<JsonElement> _)
    {
        NeedWallet(path);
        return new() { ["mine"] = new JsonObject { ["trusted"] = Coins(Chain.Coins.Sum(coin => coin.Sats)), ["untrusted_pending"] = Coins(0), ["immature"] = Coins(0) } };
    }

    private JsonObject Fund(string path, List<JsonElement> given)
    {
        NeedWallet(path);
        if (given[0].GetArrayLength() != 0 || given[1].EnumerateArray().ToList() is not [var output] || output.EnumerateObject().ToList() is not [{ Name: "data" } data])
        {
            throw new RpcFault(-8, "Invalid parameter, expected no inputs and one data output");
        }

        var hex = Text(data.Value);
        if (hex.Length == 0 || hex.Length % 2 != 0 || !hex.All(char.IsAsciiHexDigit))
        {
            throw new RpcFault(-8, $"Data must be hexadecimal string (not '{hex}')");
        }

        if (given.Count > 2 && given[2].ValueKind != JsonValueKind.Number)
        {
            throw new RpcFault(-3, "JSON value of type object is not of expected type number");
        }

        var options = given.Count > 3 ? given[3].EnumerateObject().Select(option => option.Name).ToList() : [];
        if (options.FirstOrDefault(name => name is not ("replaceable" or "lockUnspents" or "fee_rate" or "changePosition" or "conf_target" or "estimate_mode")) is { } unknown)
        {
            throw new RpcFault(-3, $"Unexpected key {unknown}");
        }

        if (Chain.Coins.FirstOrDefault(coin => coin.Sats > FeeSats) is not { } spent)
        {
            throw new RpcFault(-4, "Insufficient funds");
        }

        return new() { ["psbt"] = Psbt(new(spent.Txid, spent.Index, SignsInstead ?? hex, spent.Sats - FeeSats, false)), ["fee"] = Coins(FeeSats), ["changepos"] = 1 };
    }

    private JsonObject Process(string path, List<JsonElement> given)
    {
        NeedWallet(path);
        return new() { ["psbt"] = Psbt(Transaction(Text(given[0])) with { IsSigned = !SignsHalf }), ["complete"] = !SignsHalf };
    }

    private static JsonObject Finish(List<JsonElement> given)
    {
        var transaction = Transaction(Text(given[0]));
        return transaction.IsSigned ? new() { ["hex"] = transaction.RawHex, ["complete"] = true } : new() { ["psbt"] = Psbt(transaction), ["complete"] = false };
    }

    private JsonArray Try(List<JsonElement> given)
    {
        if (given[0].ValueKind != JsonValueKind.Array || given[0].GetArrayLength() != 1)
        {
            throw new RpcFault(-8, "Array must contain between 1 and 25 transactions.");
        }

        var transaction = Raw(Text(given[0][0]));
        var answer = new JsonObject { ["txid"] = transaction.Txid, ["wtxid"] = transaction.Txid };
        if ((Refusal ?? Chain.Refuse(transaction)) is { } reason)
        {
            (answer["allowed"], answer["reject-reason"]) = (false, reason);
        }
        else
        {
            (answer["allowed"], answer["vsize"], answer["fees"]) = (true, 160, new JsonObject { ["base"] = Coins(FeeSats) });
        }

        return [answer];
    }

    private JsonNode Send(List<JsonElement> given)
    {
        var transaction = Raw(Text(given[0]));
        if (Refusal is not null)
        {
            throw new RpcFault(-26, Refusal);
        }

        switch (Chain.Refuse(transaction))
        {
            case null:
                Chain.Take(transaction);
                return transaction.Txid;
            case "txn-already-in-mempool":
                return transaction.Txid;
            case "txn-already-known":
                throw new RpcFault(-27, "Transaction outputs already in utxo set");
            case "missing-inputs":
                throw new RpcFault(-25, "bad-txns-inputs-missingorspent");
            case var reason:
                throw new RpcFault(-26, reason);
        }
    }

    private JsonObject Transaction(string path, List<JsonElement> given)
    {
        NeedWallet(path);
        var (transaction, block) = Chain.Find(Hash(given[0]));
        if (transaction is null)
        {
            throw new RpcFault(-5, "Invalid or non-wallet transaction id");
        }

        var answer = new JsonObject { ["amount"] = Coins(0), ["fee"] = Coins(-FeeSats), ["txid"] = transaction.Txid, ["hex"] = transaction.RawHex, ["bip125-replaceable"] = block is null ? "yes" : "no" };
        if (block is null)
        {
            answer["confirmations"] = Chain.Queue.Contains(transaction.Txid) ? 0 : -1;
        }
        else
        {
            (answer["confirmations"], answer["blockhash"], answer["blockheight"]) = (Chain.Confirmations(block), block.Hash, block.Height);
        }

        return answer;
    }

    private JsonObject Header(List<JsonElement> given) =>
        Chain.Block(Hash(given[0])) is { } block
            ? new() { ["hash"] = block.Hash, ["confirmations"] = Chain.Confirmations(block), ["height"] = block.Height, ["previousblockhash"] = block.Previous }
            : throw new RpcFault(-5, "Block not found");

    // The middle of a signature is the node's own matter: a base64 text that begins as a PSBT does.
    private static string Psbt(ScriptedTransaction transaction) => Convert.ToBase64String([.. Magic, .. JsonSerializer.SerializeToUtf8Bytes(transaction)]);

    private static ScriptedTransaction Transaction(string psbt)
    {
        try
        {
            return JsonSerializer.Deserialize<ScriptedTransaction>(Convert.FromBase64String(psbt).AsSpan(Magic.Length))!;
        }
        catch (Exception fault) when (fault is FormatException or JsonException or ArgumentException)
        {
            throw new RpcFault(-22, "TX decode failed invalid base64");
        }
    }

    private ScriptedTransaction Raw(string hex)
    {
        var transaction = _signed.GetValueOrDefault(hex);
        return transaction ?? Chain.Taken.FirstOrDefault(taken => taken.RawHex == hex) ?? Read(hex) ?? throw new RpcFault(-22, "TX decode failed. Make sure the tx has at least one input.");
    }

    private readonly ConcurrentDictionary<string, ScriptedTransaction> _signed = new();

    // The form that ScriptedTransaction writes, and no other.
    private ScriptedTransaction? Read(string hex)
    {
        try
        {
            using var bytes = new BinaryReader(new MemoryStream(Convert.FromHexString(hex)));
            bytes.ReadInt32();
            var signed = bytes.PeekChar() == 0;
            bytes.ReadBytes(signed ? 3 : 1);
            var spent = ScriptedTransaction.Shown(bytes.ReadBytes(32));
            var index = bytes.ReadUInt32();
            bytes.ReadBytes(1 + 4 + 1 + 8);
            var script = bytes.ReadBytes(bytes.ReadByte());
            var read = new ScriptedTransaction(spent, index, Convert.ToHexStringLower(script.AsSpan(script[1] == 0x4c ? 3 : 2)), bytes.ReadInt64(), signed);
            return read.RawHex == hex ? _signed.GetOrAdd(hex, read) : null;
        }
        catch (Exception fault) when (fault is FormatException or EndOfStreamException or ArgumentException)
        {
            return null;
        }
    }

    private sealed class RpcFault(int code, string message) : Exception(message)
    {
        public int Code { get; } = code;
    }
}
