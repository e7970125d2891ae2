using CsCheck;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Tests.Logs;
using EdgeCoder.Ledger.Tests.Trees;
using EdgeCoder.Ledger.Tiles;
using EdgeCoder.Ledger.Trees;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Ledger.Tests.Tiles;

/// <summary>A log in tiles (C2SP tlog-tiles; economy-and-ledger 9.3).</summary>
public sealed class TileTests
{
    [Theory]
    [InlineData(0, 0, 256, "tile/0/000")]
    [InlineData(1, 67, 12, "tile/1/067.p/12")]
    [InlineData(0, 1_234_067, 256, "tile/0/x001/x234/067")]
    [InlineData(2, 1_000, 1, "tile/2/x001/000.p/1")]
    public void Paths_are_those_of_the_specification(int level, long index, int width, string path) => Assert.Equal(path, TilePath.Hashes(level, index, width));

    [Fact]
    public void A_bundle_of_leaves_has_its_own_path() => Assert.Equal("tile/entries/x001/234.p/3", TilePath.Entries(1_234, 3));

    [Fact]
    public void A_bundle_is_read_as_it_was_written() =>
        Gen.Byte.Array[0, 300].List[0, 20].Sample(leaves => EntryBundle.Read(EntryBundle.Write(leaves))!.Zip(leaves).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second)));

    [Fact]
    public void A_bundle_that_is_cut_is_none()
    {
        var bundle = EntryBundle.Write([[1, 2, 3], [4]]);
        Assert.All(Enumerable.Range(1, bundle.Length - 1).Where(length => length != 5), length => Assert.Null(EntryBundle.Read(bundle.AsSpan(0, length))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(66_000)]
    public void However_it_grew_a_log_has_the_same_tiles(int size)
    {
        // Unsigned leaves: what is tried here is the tree.
        var leaves = Enumerable.Range(0, size).Select(n => BitConverter.GetBytes(n)).ToList();
        using var whole = new TemporaryDirectory();
        using var grown = new TemporaryDirectory();
        var once = TileWriter.Open(new(whole.Path), 0, durable: false);
        once.Append(leaves);
        var steps = size > 1_000 ? new[] { 7, 300, 20_000 } : [3, 1, 300];
        for (var (at, step) = (0, 0); at < size; step++)
        {
            var writer = TileWriter.Open(new(grown.Path), at, durable: false);
            var count = Math.Min(steps[step % 3], size - at);
            writer.Append(leaves.Skip(at).Take(count));
            at += count;
            Assert.Equal(at, writer.Size);
        }

        foreach (var file in Directory.GetFiles(whole.Path, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(whole.Path, file)))
        {
            Assert.True(File.ReadAllBytes(Path.Combine(whole.Path, file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(grown.Path, file))), file);
        }

        Assert.Equal(Convert.ToHexStringLower(once.Root), Convert.ToHexStringLower(TileWriter.Open(new(grown.Path), size, durable: false).Root));
        if (size < 1_000)
        {
            Assert.Equal(Convert.ToHexStringLower(ReferenceTree.RootOf([.. leaves.Select(leaf => TreeHash.Leaf(leaf))])), Convert.ToHexStringLower(once.Root));
        }
    }

    [Fact]
    public void Proofs_out_of_tiles_lead_to_the_root()
    {
        using var directory = new TemporaryDirectory();
        const int size = 66_000;
        var writer = TileWriter.Open(new(directory.Path), 0, durable: false);
        writer.Append(Enumerable.Range(0, size).Select(n => BitConverter.GetBytes(n)));
        var hashes = new TileHashes(new(directory.Path), size);
        foreach (var index in new[] { 0, 255, 256, 40_000, 65_535, 65_536, 65_999 })
        {
            Assert.True(InclusionProof.Verify(TreeHash.Leaf(BitConverter.GetBytes(index)), index, size, InclusionProof.Make(hashes, index, size), writer.Root));
        }

        foreach (var first in new[] { 1, 256, 300, 65_536, 65_537, 65_999 })
        {
            Assert.True(ConsistencyProof.Verify(first, size, ConsistencyProof.Make(hashes, first, size), SubtreeHash.RootOf(hashes, first), writer.Root));
        }
    }

    [Theory]
    [InlineData(200, 100)]
    [InlineData(250, 10)]
    [InlineData(600, 300)]
    public void What_a_crash_left_of_an_append_is_written_again(int size, int lost)
    {
        using var log = SampleLog.Of(size);
        var before = Checkpoint(log);

        // Appended without a checkpoint, as when the process ends in between; then other leaves take those places.
        TileWriter.Open(log.Folder, size, durable: false).Append(Enumerable.Range(0, lost).Select(n => BitConverter.GetBytes(n)));
        Assert.Equal(before, Checkpoint(log));
        var writer = TileWriter.Open(log.Folder, size, durable: true);
        Assert.Equal(before, Convert.ToHexStringLower(writer.Root));
        writer.Append(log.Next(lost + 5).Select(leaf => leaf.Bytes));
        log.WriteCheckpoint(writer.Size, writer.Root);
        var verdict = Ledger.Logs.LogVerifier.Check(log.Folder, log.Trust, null, TestContext.Current.CancellationToken);
        Assert.Null(verdict.Finding);
        Assert.Equal(size + lost + 5, verdict.VerifiedTo);
    }

    [Fact]
    public void A_missing_tile_is_told_when_the_log_is_opened()
    {
        using var log = SampleLog.Of(300);
        File.Delete(Path.Combine(log.Directory, "tile", "0", "001.p", "44"));
        Assert.Contains("tile/0/001.p/44", Assert.Throws<KeyNotFoundException>(() => TileWriter.Open(log.Folder, 300, durable: false)).Message, StringComparison.Ordinal);
    }

    private static string Checkpoint(SampleLog log) =>
        SignedNote.TryParse(File.ReadAllText(Path.Combine(log.Directory, "checkpoint")), out var note) && Ledger.Notes.Checkpoint.TryParse(note.Text, out var checkpoint)
            ? Convert.ToHexStringLower(checkpoint.Root)
            : "";
}
