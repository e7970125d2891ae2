using System.Text.Json;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Ledger;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;
using EdgeCoder.TestKit.Files;
using EdgeCoder.TestKit.Processes;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Witnesses;

/// <summary>A receipt of a coordinator with witnesses is proven with their cosignatures by two verifiers that share nothing (economy-and-ledger 9.6, 11).</summary>
public sealed class CosignedReceiptTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_verifiers_want_the_witnesses_that_the_reader_trusts()
    {
        var (network, time) = (new TestNetwork(), new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000)));
        var all = await RunningPeer.FederationAsync(network, time, "coord-a", "coord-b", "coord-c");
        await using var a = all[0];
        await using var b = all[1];
        await using var c = all[2];
        await a.Writer.WriteAsync(
            batch =>
            {
                LogOutbox.Append(batch, RecordTypes.Receipt, "t-r", "s-1", "worker-a", """{"agentId":"worker-a","priceMc":12,"verdict":"accepted"}""", 1);
                return true;
            },
            Stop);
        await a.Keeper.SettleAsync(Stop);
        var alone = Assert.Single((await a.Proofs.ReceiptsAsync("t-r", Stop)).Receipts);
        await a.ExchangeAsync();

        // What came since has no cosignature yet: the receipt stays with the checkpoint that a majority has signed.
        await a.GrowAsync(5);
        var cosigned = Assert.Single((await a.Proofs.ReceiptsAsync("t-r", Stop)).Receipts);
        Assert.Equal(alone.TreeSize, cosigned.TreeSize);

        var keys = string.Join('\n', Key(a, NoteKeyType.Ed25519), Key(b, NoteKeyType.Cosignature), Key(c, NoteKeyType.Cosignature));
        await AgreeAsync(cosigned, keys + "\nthreshold 2\n", null);
        await AgreeAsync(alone, keys + "\nthreshold 1\n", LedgerFault.QuorumNotReached);
        await AgreeAsync(alone, keys + "\n", null);

        // One of the two is somebody whom the reader does not know.
        using var stranger = Protocol.Keys.SigningKey.Generate();
        var others = string.Join('\n', Key(a, NoteKeyType.Ed25519), Key(b, NoteKeyType.Cosignature), NoteKey.Of("edgecoder/coord-c", NoteKeyType.Cosignature, stranger.PublicKey));
        await AgreeAsync(cosigned, others + "\nthreshold 2\n", LedgerFault.QuorumNotReached);
        await AgreeAsync(cosigned, others + "\nthreshold 1\n", null);
    }

    private static NoteKey Key(RunningPeer peer, NoteKeyType type) => NoteKey.Of("edgecoder/" + peer.Id, type, peer.Key.PublicKey);

    internal static async Task AgreeAsync(ReceiptFile receipt, string trust, LedgerFault? fault)
    {
        Assert.Equal(fault, ReceiptVerifier.Check(receipt, TrustedKeys.Parse(trust)).Reason);
        using var directory = new TemporaryDirectory();
        var file = directory.Write("receipt.json", JsonSerializer.Serialize(receipt, LedgerJson.Default.ReceiptFile));
        var result = await ProgramRun.ToEndAsync(
            "python3",
            ["-I", Path.Combine(AppContext.BaseDirectory, "Receipts", "verify.py"), file, directory.Write("trust.txt", trust)],
            new Dictionary<string, string> { ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin" });
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(fault is { } wrong ? JsonSerializer.Serialize(wrong).Trim('"') : "ok", result.Output.Trim());
    }
}
