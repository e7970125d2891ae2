using System.Diagnostics;
using EdgeCoder.Agent.Snapshots;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Agent.Tests.Snapshots;

public sealed class SnapshotArchiveTests : IDisposable
{
    private readonly TemporaryDirectory source = new();
    private readonly TemporaryDirectory target = new();

    public void Dispose()
    {
        source.Dispose();
        target.Dispose();
    }

    [Fact]
    public void What_is_packed_is_unpacked_with_bits_and_links()
    {
        Fill();
        var snapshot = Unpack(new MemoryStream(Trees.Pack(source.Path)), target["out"], null);
        Assert.Equal(Trees.Contents(source.Path), Trees.Contents(target["out"]));
        Assert.Equal(["a.txt", "bin/run", "deep/" + new string('d', 120) + "/f", "link", "ü/é"], snapshot.Entries.Select(entry => entry.Path));
    }

    [Fact]
    public void One_tree_has_one_digest_whenever_and_wherever_it_is_packed()
    {
        Fill();
        var first = Trees.Pack(source.Path);
        Unpack(new MemoryStream(first), target["out"], null);
        File.SetLastWriteTimeUtc(target["out/a.txt"], new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Directory.CreateDirectory(target["out/empty"]);
        Assert.Equal(first, Trees.Pack(target["out"]));
    }

    [Fact]
    public void Tar_reads_what_was_packed()
    {
        Fill();
        File.WriteAllBytes(target["s.tar"], Trees.Pack(source.Path));
        Directory.CreateDirectory(target["tar"]);
        using var tar = Process.Start(new ProcessStartInfo("tar") { ArgumentList = { "-xf", target["s.tar"], "-C", target["tar"] } })!;
        tar.WaitForExit();
        Assert.Equal(0, tar.ExitCode);
        Assert.Equal(Trees.Contents(source.Path), Trees.Contents(target["tar"]));
    }

    [Fact]
    public void Project_leaves_out_what_it_ignores_what_git_keeps_and_what_is_secret()
    {
        source.Write(".gitignore", "build/\n");
        source.Write("build/out.o", "x");
        source.Write(".git/config", "x");
        source.Write("sub/.git", "gitdir: /elsewhere");
        source.Write(".env", "TOKEN=1");
        source.Write("main.py", "x");
        using var blob = new MemoryStream();
        var snapshot = Pack(source.Path, blob, SnapshotSelection.Project);
        Assert.Equal([".gitignore", "main.py"], snapshot.Entries.Select(entry => entry.Path));
        Assert.Equal([".env"], snapshot.LeftOut);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("/")]
    [InlineData("../../outside")]
    [InlineData("sub/../../outside")]
    [InlineData(".git/hooks/pre-commit")]
    public void Link_out_of_the_tree_is_not_packed(string to)
    {
        Directory.CreateDirectory(source["sub"]);
        source.Write("sub/keep", "x");
        File.CreateSymbolicLink(source["bad"], to);
        var fault = Assert.Throws<SnapshotException>(() => Trees.Pack(source.Path));
        Assert.Equal(SnapshotFaults.PathEscape, fault.Code);
        Assert.Contains("bad", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/absolute")]
    [InlineData("../up")]
    [InlineData("a/../../up")]
    [InlineData("./a")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData(".git/hooks/x")]
    [InlineData("sub/.GIT/config")]
    [InlineData("git~1/config")]
    [InlineData("a\\b")]
    [InlineData("C:/x")]
    [InlineData("a\nb")]
    public void Path_that_leaves_the_tree_is_not_unpacked(string path) => Refused(SnapshotFaults.PathEscape, Trees.Blob((new(path, SnapshotEntryKind.File, 0), "x")));

    [Theory]
    [InlineData("a", "A")]
    [InlineData("Dir/x", "dir/y")]
    [InlineData("a", "a/b")]
    [InlineData("\u00c9x", "\u00e9x")]
    public void Names_that_are_one_somewhere_are_not_unpacked(string one, string other)
    {
        var paths = new[] { one, other }.Order(StringComparer.Ordinal).ToArray();
        Refused(SnapshotFaults.Collision, Trees.Blob((new(paths[0], SnapshotEntryKind.File, 0), "x"), (new(paths[1], SnapshotEntryKind.File, 0), "y")));
    }

    [Fact]
    public void Same_path_twice_or_out_of_order_is_not_unpacked()
    {
        Refused(SnapshotFaults.Malformed, Trees.Blob((new("a", SnapshotEntryKind.File, 0), "x"), (new("a", SnapshotEntryKind.File, 0), "y")));
        Refused(SnapshotFaults.Malformed, Trees.Blob((new("b", SnapshotEntryKind.File, 0), "x"), (new("a", SnapshotEntryKind.File, 0), "y")));
    }

    [Theory]
    [InlineData("/etc")]
    [InlineData("..")]
    [InlineData("d/../../x")]
    [InlineData("")]
    [InlineData(".git/config")]
    public void Link_out_of_the_tree_is_not_unpacked(string to) => Refused(SnapshotFaults.PathEscape, Trees.Blob((new("bad", SnapshotEntryKind.Link, 0, to), "")));

    [Fact]
    public void Links_that_lead_out_only_through_each_other_are_not_unpacked()
    {
        // d/e/up is the root, so zz's target is the directory above it, although its text alone stays within.
        Refused(SnapshotFaults.PathEscape, Trees.Blob((new("d/e/up", SnapshotEntryKind.Link, 0, "../.."), ""), (new("zz", SnapshotEntryKind.Link, 0, "d/e/up/.."), "")));
        Refused(SnapshotFaults.PathEscape, Trees.Blob((new("one", SnapshotEntryKind.Link, 0, "two"), ""), (new("two", SnapshotEntryKind.Link, 0, "one"), "")));
    }

    [Fact]
    public void File_below_a_link_is_not_unpacked() =>
        Refused(SnapshotFaults.Collision, Trees.Blob((new("d", SnapshotEntryKind.Link, 0, "e"), ""), (new("d/x", SnapshotEntryKind.File, 0), "x")));

    [Fact]
    public void Other_kinds_of_entries_are_not_unpacked()
    {
        foreach (var type in "1345678gx")
        {
            var blob = Trees.Blob((new("a", SnapshotEntryKind.File, 0), ""));
            blob[156] = (byte)type;
            Assert.NotNull(Record.Exception(() => Unpack(new MemoryStream(blob), target["out"], null)) as SnapshotException);
        }
    }

    [Fact]
    public void Limits_end_it()
    {
        source.Write("a", new string('x', 2_000));
        source.Write("b", "y");
        var blob = Trees.Pack(source.Path);
        Refused(SnapshotFaults.TooLarge, blob, new SnapshotLimits { Bytes = 2_000 });
        Refused(SnapshotFaults.TooLarge, blob, new SnapshotLimits { Entries = 1 });
        Assert.Equal(SnapshotFaults.TooLarge, Assert.Throws<SnapshotException>(() => Pack(source.Path, Stream.Null, SnapshotSelection.Whole, new SnapshotLimits { Bytes = 2_000 })).Code);
        Assert.Equal(SnapshotFaults.TooLarge, Assert.Throws<SnapshotException>(() => Pack(source.Path, Stream.Null, SnapshotSelection.Whole, new SnapshotLimits { Entries = 1 })).Code);
    }

    [Fact]
    public void Other_digest_leaves_nothing_behind()
    {
        Fill();
        Refused(SnapshotFaults.DigestMismatch, Trees.Pack(source.Path), digest: new string('0', 64));
    }

    [Fact]
    public void Directory_that_holds_something_is_not_unpacked_into()
    {
        target.Write("out/mine", "x");
        Assert.Throws<SnapshotException>(() => Unpack(new MemoryStream(Trees.Blob()), target["out"], null));
        Assert.Equal("x", File.ReadAllText(target["out/mine"]));
    }

    [Fact]
    public void No_changed_bit_of_a_blob_gives_the_same_tree_and_no_cut_one_is_read()
    {
        Fill();
        var blob = Trees.Pack(source.Path);
        var digest = Inspect(new MemoryStream(blob)).Digest;
        for (var at = 0; at < blob.Length; at += 97)
        {
            var other = (byte[])blob.Clone();
            other[at] ^= 0x10;
            var read = Record.Exception(() => Assert.NotEqual(digest, Inspect(new MemoryStream(other)).Digest));
            Assert.True(read is null or SnapshotException, $"{at}: {read}");
            Assert.Throws<SnapshotException>(() => Inspect(new MemoryStream(blob, 0, at)));
        }

        Assert.Throws<SnapshotException>(() => Inspect(new MemoryStream([.. blob, 0])));
    }

    private static Snapshot Pack(string directory, Stream blob, SnapshotSelection selection, SnapshotLimits? limits = null) =>
        SnapshotArchive.Pack(directory, blob, selection, limits, TestContext.Current.CancellationToken);

    private static Snapshot Unpack(Stream blob, string directory, string? digest, SnapshotLimits? limits = null) =>
        SnapshotArchive.Unpack(blob, directory, digest, limits, TestContext.Current.CancellationToken);

    private static Snapshot Inspect(Stream blob) => SnapshotArchive.Inspect(blob, null, TestContext.Current.CancellationToken);

    private void Fill()
    {
        source.Write("a.txt", "one\n");
        source.Write("ü/é", "");
        source.Write("deep/" + new string('d', 120) + "/f", new string('x', 1_000));
        File.SetUnixFileMode(source.Write("bin/run", "#!/bin/sh\n"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.CreateSymbolicLink(source["link"], "deep/../bin/run");
    }

    private void Refused(string code, byte[] blob, SnapshotLimits? limits = null, string? digest = null)
    {
        Assert.Equal(code, Assert.Throws<SnapshotException>(() => Unpack(new MemoryStream(blob), target["out"], digest, limits)).Code);
        Assert.False(Directory.Exists(target["out"]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(target.Path));
    }
}
