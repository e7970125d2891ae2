using System.Text;
using System.Text.Json;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Tiles;
using EdgeCoder.Ledger.Trees;
using Microsoft.Extensions.DependencyInjection;

namespace EdgeCoder.Coordinator.Tests.Log;

/// <summary>What readers of the log get, checked with nothing but the checkpoint (economy-and-ledger 9).</summary>
public sealed class LogProofTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_record_is_proven_to_be_in_the_log()
    {
        await using var log = await GrownAsync(30, 34);
        var root = Root(await log.Proofs.CheckpointAsync(Stop));
        var leaves = await log.LeavesAsync();
        for (var sequence = 1; sequence <= 65; sequence++)
        {
            var answer = await log.Proofs.InclusionAsync(sequence, null, null, Stop);
            Assert.Equal(answer.LeafHash, (await log.Proofs.InclusionAsync(null, leaves[sequence - 1].Hash, null, Stop)).LeafHash);
            Assert.True(InclusionProof.Verify(Convert.FromHexString(answer.LeafHash), answer.LeafIndex, answer.TreeSize, Bytes(answer.InclusionProof), root));
        }
    }

    [Fact]
    public async Task Every_size_is_the_beginning_of_every_larger_one()
    {
        await using var log = await GrownAsync(3, 21);
        for (var second = 1; second <= 25; second++)
        {
            for (var first = 1; first <= second; first++)
            {
                var answer = await log.Proofs.ConsistencyAsync(first, second, Stop);
                var hashes = log.Services.GetRequiredService<LogTree>();
                Assert.True(ConsistencyProof.Verify(first, second, Bytes(answer.ConsistencyProof), SubtreeHash.RootOf(hashes.At(25), first), SubtreeHash.RootOf(hashes.At(25), second)));
            }
        }
    }

    [Fact]
    public async Task An_old_checkpoint_goes_with_a_proof_of_its_size()
    {
        await using var log = await GrownAsync(3, 21);
        var old = await log.Proofs.InclusionAsync(2, null, 4, Stop);
        Assert.True(InclusionProof.Verify(Convert.FromHexString(old.LeafHash), 1, 4, Bytes(old.InclusionProof), Root(old.Checkpoint!)));
        Assert.Null((await log.Proofs.InclusionAsync(2, null, 5, Stop)).Checkpoint);
    }

    [Fact]
    public async Task Tiles_are_those_that_the_checkpoint_names_and_no_others()
    {
        await using var log = await GrownAsync(299, 20);
        var full = await log.Proofs.TileAsync("tile/entries/000", Stop);
        Assert.Equal((await log.LeavesAsync()).Take(256).Select(leaf => leaf.Bytes), EntryBundle.Read(full)!);
        Assert.Equal(64 * 32, (await log.Proofs.TileAsync("tile/0/001.p/64", Stop)).Length);
        Assert.Equal(7, EntryBundle.Read(await log.Proofs.TileAsync("tile/entries/001.p/7", Stop))!.Count);
        Assert.Equal(full, await log.Proofs.TileAsync("tile/entries/000", Stop));
        foreach (var path in new[] { "tile/entries/001", "tile/0/001.p/65", "tile/0/002.p/1", "tile/1/000", "tile/../../coordinator.db", "checkpoint" })
        {
            Assert.Equal("tile_not_found", (await Assert.ThrowsAsync<Refusal>(() => log.Proofs.TileAsync(path, Stop))).Error);
        }
    }

    [Fact]
    public async Task Records_that_no_checkpoint_names_are_not_shown()
    {
        await using var log = await GrownAsync(5);
        Assert.Equal("leaf_not_found", (await Assert.ThrowsAsync<Refusal>(() => log.Proofs.InclusionAsync(7, null, null, Stop))).Error);
        Assert.Equal("leaf_not_found", (await Assert.ThrowsAsync<Refusal>(() => log.Proofs.InclusionAsync(null, new('a', 64), null, Stop))).Error);
        Assert.Equal("validation_failed", (await Assert.ThrowsAsync<Refusal>(() => log.Proofs.InclusionAsync(1, null, 7, Stop))).Error);
        Assert.Equal("validation_failed", (await Assert.ThrowsAsync<Refusal>(() => log.Proofs.ConsistencyAsync(3, 2, Stop))).Error);
        Assert.Equal((0, null), ((await log.Proofs.SnapshotAsync(7, 10, Stop)).Records.Count, (await log.Proofs.SnapshotAsync(7, 10, Stop)).Proof));
    }

    [Fact]
    public async Task A_snapshot_has_the_exact_leaves_and_proves_the_last()
    {
        await using var log = await GrownAsync(40);
        var answer = await log.Proofs.SnapshotAsync(5, 10, Stop);
        var leaves = await log.LeavesAsync();
        Assert.Equal(leaves.Skip(4).Take(10).Select(leaf => Convert.ToBase64String(leaf.Bytes)), answer.Records.Select(record => record.GetProperty("leaf").GetString()!));
        Assert.Equal((14, leaves[13].Hash, leaves[12].Hash, RunningLog.Peer), (answer.Proof!.Sequence, answer.Proof.Hash, answer.Proof.PrevHash, answer.Proof.SignerPeerId));
        Assert.True(InclusionProof.Verify(leaves[13].LeafHash, 13, 41, Bytes(answer.Proof.InclusionProof), Root(answer.Proof.Checkpoint!)));
    }

    [Fact]
    public async Task The_whole_log_is_verified_from_its_rows()
    {
        await using var log = await GrownAsync(300);
        var check = log.Services.GetRequiredService<LogCheck>();
        Assert.Equal(new(true, null, null, null, 301), await check.WholeAsync(Stop));
    }

    [Fact]
    public async Task A_row_that_was_changed_is_found_by_its_sequence()
    {
        await using var log = await GrownAsync(300);
        var bytes = (await log.LeavesAsync())[270].Bytes;
        bytes[^100] ^= 1;
        await log.Writer.WriteAsync(batch => batch.Execute("UPDATE log_leaves SET leaf = $1 WHERE sequence = 271", bytes), Stop);
        var answer = await log.Services.GetRequiredService<LogCheck>().WholeAsync(Stop);
        Assert.Equal((false, 271L, 270L), (answer.Ok, answer.Sequence, answer.VerifiedTo));
    }

    [Fact]
    public async Task Two_checkpoints_of_one_key_that_are_no_beginning_of_one_another_are_found()
    {
        // The same coordinator twice, from the same key: what a restored old backup would do if it were let.
        await using var log = await GrownAsync(10);
        await using var twin = await RunningLog.StartAsync(key: log.Key);
        await twin.WriteAsync(20);
        await twin.SettleAsync();
        var notes = new[] { await log.Proofs.CheckpointAsync(Stop), await twin.Proofs.CheckpointAsync(Stop) };
        Assert.All(notes, note => Assert.True(SignedNote.TryParse(note, out var parsed) && parsed.IsSignedBy(log.Trust.Keys[0])));
        var (one, other) = (Parse(notes[0]), Parse(notes[1]));
        var proof = Bytes((await twin.Proofs.ConsistencyAsync(one.Size, other.Size, Stop)).ConsistencyProof);
        Assert.False(ConsistencyProof.Verify(one.Size, other.Size, proof, one.Root, other.Root));
    }

    [Fact]
    public async Task What_somebody_brings_is_checked_against_this_logs_key_alone()
    {
        await using var log = await GrownAsync(10);
        var check = log.Services.GetRequiredService<LogCheck>();
        var answer = await log.Proofs.InclusionAsync(4, null, null, Stop);
        var leaf = (await log.LeavesAsync())[3].Bytes;
        var brought = new LeafWithProof(Convert.ToBase64String(leaf), answer.LeafIndex, answer.TreeSize, answer.InclusionProof, answer.Checkpoint);
        Assert.True(check.Brought(JsonSerializer.SerializeToUtf8Bytes(brought, LedgerMessageJson.Default.LeafWithProof)).Ok);
        var wrong = check.Brought(JsonSerializer.SerializeToUtf8Bytes(brought with { LeafIndex = 4 }, LedgerMessageJson.Default.LeafWithProof));
        Assert.Equal((false, "invalid_sequence"), (wrong.Ok, wrong.Reason));
        Assert.False(check.Brought(Encoding.UTF8.GetBytes("no receipt")).Ok);
    }

    private static async Task<RunningLog> GrownAsync(params int[] counts)
    {
        var log = await RunningLog.StartAsync();
        foreach (var count in counts)
        {
            await log.WriteAsync(count);
            await log.SettleAsync();
        }

        return log;
    }

    private static Checkpoint Parse(string note) => SignedNote.TryParse(note, out var signed) && Checkpoint.TryParse(signed.Text, out var checkpoint) ? checkpoint : throw new FormatException(note);

    private static byte[] Root(string note) => Parse(note).Root;

    private static IReadOnlyList<byte[]> Bytes(IReadOnlyList<string> hashes) => [.. hashes.Select(Convert.FromHexString)];
}
