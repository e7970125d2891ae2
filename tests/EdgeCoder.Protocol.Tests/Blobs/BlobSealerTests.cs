using CsCheck;
using EdgeCoder.Protocol.Blobs;

namespace EdgeCoder.Protocol.Tests.Blobs;

public sealed class BlobSealerTests
{
    [Fact]
    public void Sealed_blob_opens_to_its_bytes() => Gen.Byte.Array.Sample(data =>
    {
        var (blob, bytes) = BlobSealer.Seal(data);
        return BlobSealer.Open(blob, bytes) is { } opened && opened.AsSpan().SequenceEqual(data);
    });

    [Fact]
    public void Blob_with_any_changed_part_stays_closed()
    {
        var (blob, bytes) = BlobSealer.Seal("snapshot"u8);
        var (other, _) = BlobSealer.Seal("other"u8);
        Assert.Null(BlobSealer.Open(blob with { Digest = other.Digest }, bytes));
        Assert.Null(BlobSealer.Open(blob with { Key = other.Key }, bytes));
        Assert.Null(BlobSealer.Open(blob with { Nonce = other.Nonce }, bytes));
        Assert.Null(BlobSealer.Open(blob with { Size = 3 }, bytes));
        Assert.Null(BlobSealer.Open(blob with { Key = "*" }, bytes));
        Assert.Null(BlobSealer.Open(blob with { Digest = "zz" }, bytes));
        Assert.Null(BlobSealer.Open(blob, bytes.AsSpan(1)));
        Assert.Null(BlobSealer.Open(blob, []));
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 1;
            Assert.Null(BlobSealer.Open(blob, bytes));
            bytes[i] ^= 1;
        }
    }

    [Fact]
    public void Two_leases_share_no_key() => Assert.NotEqual(BlobSealer.Seal("x"u8).Blob.Key, BlobSealer.Seal("x"u8).Blob.Key);
}
