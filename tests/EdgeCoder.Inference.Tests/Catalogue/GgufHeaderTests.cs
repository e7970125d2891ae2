using CsCheck;
using EdgeCoder.Inference.Catalogue;
using EdgeCoder.Inference.Providers;
using EdgeCoder.TestKit.Models;

namespace EdgeCoder.Inference.Tests.Catalogue;

public sealed class GgufHeaderTests
{
    [Fact]
    public void Every_cut_inside_the_metadata_is_refused()
    {
        var whole = TinyGguf.Create(payloadBytes: 0);
        for (var length = 0; length < whole.Length; length++)
        {
            using var file = new MemoryStream(whole[..length]);
            Assert.Equal("model_file_invalid", Assert.Throws<ModelException>(() => GgufHeader.Read(file)).Code);
        }
    }

    [Fact]
    public void Any_changed_bytes_are_read_or_refused_and_never_crash() =>
        Gen.Select(Gen.Int[0, 300], Gen.Byte, Gen.Int[0, 300], Gen.Byte).Sample((a, x, b, y) =>
        {
            var bytes = TinyGguf.Create(payloadBytes: 100);
            bytes[a % bytes.Length] = x;
            bytes[b % bytes.Length] = y;
            using var file = new MemoryStream(bytes);
            try
            {
                GgufHeader.Read(file);
            }
            catch (ModelException e)
            {
                Assert.Equal("model_file_invalid", e.Code);
            }
        });

    [Fact]
    public void Huge_claimed_counts_are_refused_before_they_are_believed()
    {
        var bytes = TinyGguf.Create();
        BitConverter.GetBytes(ulong.MaxValue).CopyTo(bytes, 16);
        using var file = new MemoryStream(bytes);

        Assert.Contains("metadata keys", Assert.Throws<ModelException>(() => GgufHeader.Read(file)).Message, StringComparison.Ordinal);
    }
}
