using EdgeCoder.Ledger.Logs;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Tiles;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Ledger.Tests.Logs;

/// <summary>Verification of a whole log: whatever is changed in an export is found, with its place.</summary>
public sealed class LogVerifierTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(256)]
    [InlineData(700)]
    public void A_log_is_proven_by_its_key_and_consistent_without(int size)
    {
        using var log = SampleLog.Of(size);
        var (proven, consistent) = (Check(log, log.Trust), Check(log, TrustedKeys.None));
        Assert.Equal((ReceiptStanding.Proven, null, size), (proven.Standing, proven.Finding, proven.VerifiedTo));
        Assert.Equal((ReceiptStanding.Consistent, null, size), (consistent.Standing, consistent.Finding, consistent.VerifiedTo));
    }

    [Fact]
    public void One_changed_byte_of_any_file_is_found_in_that_file()
    {
        using var log = SampleLog.Of(300);
        foreach (var file in log.Files())
        {
            var path = Path.Combine(log.Directory, file);
            var good = File.ReadAllBytes(path);
            foreach (var at in new[] { 0, good.Length / 3, good.Length / 2, good.Length - 1 })
            {
                var bad = good.ToArray();
                bad[at] ^= 2;
                File.WriteAllBytes(path, bad);
                var verdict = Check(log, log.Trust);
                Assert.Equal(ReceiptStanding.Invalid, verdict.Standing);
                Assert.Equal(file, verdict.Finding!.Where);
            }

            File.WriteAllBytes(path, good);
        }

        Assert.Null(Check(log, log.Trust).Finding);
    }

    [Fact]
    public void A_missing_file_is_found()
    {
        using var log = SampleLog.Of(300);
        foreach (var file in log.Files())
        {
            var path = Path.Combine(log.Directory, file);
            var good = File.ReadAllBytes(path);
            File.Delete(path);
            Assert.Equal(file, Check(log, log.Trust).Finding!.Where);
            File.WriteAllBytes(path, good);
        }
    }

    [Fact]
    public void A_record_that_was_left_out_is_found_at_its_place()
    {
        using var log = new SampleLog();
        var leaves = log.Next(400);
        Write(log, [.. leaves.Take(299), .. leaves.Skip(300)]);
        Assert.Equal(new(LedgerFault.InvalidSequence, "tile/entries/001.p/143", 300), Check(log, log.Trust).Finding);
    }

    [Fact]
    public void Records_that_changed_places_are_found()
    {
        using var log = new SampleLog();
        var leaves = log.Next(20);
        (leaves[4], leaves[5]) = (leaves[5], leaves[4]);
        Write(log, leaves);
        Assert.Equal(new(LedgerFault.InvalidSequence, "tile/entries/000.p/20", 5), Check(log, log.Trust).Finding);
    }

    [Fact]
    public void A_record_of_another_history_is_found_though_it_is_signed()
    {
        using var log = new SampleLog();
        var leaves = log.Next(20);
        var forged = RecordLeaf.Sign(leaves[9].Record with { PrevHash = leaves[3].Hash }, log.Key);
        Write(log, [.. leaves.Take(9), forged, .. leaves.Skip(10)]);
        Assert.Equal(new(LedgerFault.InvalidPrevHash, "tile/entries/000.p/20", 10), Check(log, log.Trust).Finding);
    }

    [Fact]
    public void A_record_of_another_key_is_found()
    {
        using var other = SigningKey.Generate();
        using var log = new SampleLog();
        var leaves = log.Next(20);
        Write(log, [.. leaves.Take(9), RecordLeaf.Sign(leaves[9].Record, other), .. leaves.Skip(10)]);
        Assert.Equal(new(LedgerFault.InvalidSignature, "tile/entries/000.p/20", 10), Check(log, log.Trust).Finding);
    }

    [Fact]
    public void A_record_of_another_coordinator_is_found()
    {
        using var log = new SampleLog();
        var leaves = log.Next(20);
        Write(log, [.. leaves.Take(9), RecordLeaf.Sign(leaves[9].Record with { CoordinatorId = "coord-9" }, log.Key), .. leaves.Skip(10)]);
        Assert.Equal(LedgerFault.UnknownKey, Check(log, log.Trust).Finding!.Reason);
    }

    [Fact]
    public void A_checkpoint_of_another_key_proves_nothing()
    {
        using var other = SigningKey.Generate();
        using var log = SampleLog.Of(20);
        var writer = TileWriter.Open(log.Folder, 20, durable: false);
        log.WriteCheckpoint(20, writer.Root, other);
        Assert.Equal(LedgerFault.CheckpointSignatureInvalid, Check(log, log.Trust).Finding!.Reason);
    }

    [Fact]
    public void A_signed_checkpoint_of_another_tree_is_found()
    {
        using var log = SampleLog.Of(20);
        log.WriteCheckpoint(20, new byte[32]);
        Assert.Equal(new(LedgerFault.HashMismatch, "root"), Check(log, log.Trust).Finding);
    }

    [Fact]
    public void An_empty_log_is_right()
    {
        using var log = new SampleLog();
        log.WriteCheckpoint(0, Ledger.Trees.TreeHash.Empty);
        Assert.Equal(ReceiptStanding.Proven, Check(log, log.Trust).Standing);
    }

    private static void Write(SampleLog log, IReadOnlyList<RecordLeaf> leaves)
    {
        var writer = TileWriter.Open(log.Folder, 0, durable: false);
        writer.Append(leaves.Select(leaf => leaf.Bytes));
        log.WriteCheckpoint(writer.Size, writer.Root);
    }

    private static LogVerdict Check(SampleLog log, TrustedKeys trust) => LogVerifier.Check(log.Folder, trust, null, TestContext.Current.CancellationToken);
}
