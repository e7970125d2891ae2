using System.Security.Cryptography;
using CsCheck;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Protocol.Tests.Keys;

public sealed class EnvelopeKeyTests
{
    // The pairs of RFC 9180 A.1.1.
    [Theory]
    [InlineData("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8", "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d")]
    [InlineData("52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736", "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431")]
    public void Public_half_follows_from_the_secret(string secret, string publicKey)
    {
        using var key = EnvelopeKey.FromRaw(Convert.FromHexString(secret));
        Assert.Equal(publicKey, Convert.ToHexStringLower(Convert.FromBase64String(key.PublicKey)));
        using var again = EnvelopeKey.FromBase64(key.ToBase64());
        Assert.Equal(key.KeyId, again.KeyId);
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")]
    [InlineData("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815ccd")]
    public void Points_of_small_order_or_other_encodings_are_no_keys(string point) =>
        Assert.False(EnvelopePublicKey.TryRead(Convert.ToBase64String(Convert.FromHexString(point)), out _));

    [Fact]
    public void Broken_text_is_no_key_and_never_throws()
    {
        Assert.False(EnvelopePublicKey.TryRead(null, out _));
        Gen.String.Sample(text => !EnvelopePublicKey.TryRead(text, out _));
        Assert.Throws<CryptographicException>(() => EnvelopeKey.FromBase64("no"));
    }

    [Fact]
    public void Both_sides_agree()
    {
        using var left = EnvelopeKey.Generate();
        using var right = EnvelopeKey.Generate();
        Assert.Equal(left.Agree(Convert.FromBase64String(right.PublicKey)), right.Agree(Convert.FromBase64String(left.PublicKey)));
        Assert.Null(left.Agree(new byte[32]));
    }
}
