using System.Security.Cryptography;
using CsCheck;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Protocol.Tests.Keys;

public sealed class SigningKeyTests
{
    // RFC 8032 7.1, tests 1, 2, 3 and "SHA(abc)".
    [Theory]
    [InlineData("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "", "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72", "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82", "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    [InlineData("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42", "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f", "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704")]
    public void Signatures_are_those_of_rfc_8032(string seed, string publicKey, string message, string signature)
    {
        using var key = SigningKey.FromSeed(Convert.FromHexString(seed));
        var data = Convert.FromHexString(message);
        Assert.Equal(publicKey, Convert.ToHexStringLower(key.PublicKey.Raw));
        Assert.Equal(signature, Convert.ToHexStringLower(key.Sign(data)));
        Assert.True(key.PublicKey.Verify(data, Convert.FromHexString(signature)));
    }

    [Fact]
    public void Public_key_of_the_specification()
    {
        using var key = SpecificationKey.Load();
        Assert.Equal(SpecificationKey.PublicHex, Convert.ToHexStringLower(key.PublicKey.Raw));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(key.PublicKey.Raw))[..16], key.PublicKey.KeyId);
    }

    [Fact]
    public void Key_survives_its_pem()
    {
        using var key = SigningKey.Generate();
        using var again = SigningKey.FromPem(key.ToPem());
        Assert.Equal(key.PublicKey, again.PublicKey);
        Assert.True(VerifyingKey.TryParse(key.PublicKey.Pem, out var read));
        Assert.True(read.Verify("x"u8, again.Sign("x"u8)));
        Assert.Equal(key.PublicKey.SpkiSha256, read.SpkiSha256);
    }

    [Fact]
    public void Keys_that_openssl_writes_are_read()
    {
        Assert.True(VerifyingKey.TryParse("-----BEGIN PUBLIC KEY-----\r\nMCowBQYDK2VwAyEAA6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=\r\n-----END PUBLIC KEY-----\r\n", out var key));
        Assert.Equal(SpecificationKey.PublicHex, Convert.ToHexStringLower(key.Raw));
    }

    [Fact]
    public void Any_changed_bit_breaks_the_signature()
    {
        using var key = SigningKey.Generate();
        Gen.Select(Gen.Byte.Array[1, 200], Gen.Int[0, int.MaxValue]).Sample((data, position) =>
        {
            var signature = key.Sign(data);
            var bit = position % ((data.Length + signature.Length) * 8);
            var place = bit / 8;
            (place < data.Length ? data : signature)[place < data.Length ? place : place - data.Length] ^= (byte)(1 << (bit % 8));
            return !key.PublicKey.Verify(data, signature);
        });
    }

    [Fact]
    public void Signature_with_a_scalar_beyond_the_order_is_refused()
    {
        using var key = SpecificationKey.Load();
        var signature = key.Sign("x"u8);
        var order = new System.Numerics.BigInteger(Convert.FromHexString("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010"), isUnsigned: true);
        var scalar = new System.Numerics.BigInteger(signature.AsSpan(32), isUnsigned: true) + order;
        scalar.TryWriteBytes(signature.AsSpan(32), out _, isUnsigned: true);
        Assert.False(key.PublicKey.Verify("x"u8, signature));
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")]
    [InlineData("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85")]
    [InlineData("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa")]
    [InlineData("0100000000000000000000000000000000000000000000000000000000000080")]
    [InlineData("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")]
    [InlineData("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    [InlineData("0200000000000000000000000000000000000000000000000000000000000000")]
    public void Points_of_small_order_or_other_encodings_are_no_keys(string point) => Assert.False(VerifyingKey.TryFromRaw(Convert.FromHexString(point), out _));

    [Fact]
    public void Broken_pem_is_no_key_and_never_throws()
    {
        using var key = SigningKey.Generate();
        var pem = key.PublicKey.Pem;
        Gen.Select(Gen.Int[0, pem.Length - 1], Gen.Char).Sample((at, character) =>
        {
            var broken = pem[..at] + character + pem[(at + 1)..];
            return !VerifyingKey.TryParse(broken, out var read) || read.Equals(key.PublicKey) || !read.Verify("x"u8, key.Sign("x"u8));
        });
        Gen.String.Sample(text => !VerifyingKey.TryParse(text, out _));
        Assert.False(VerifyingKey.TryParse(null, out _));
        Assert.False(VerifyingKey.TryParse(key.ToPem(), out _));
        Assert.False(VerifyingKey.TryParse(pem + pem, out _));
        Assert.False(VerifyingKey.TryParse(new string(' ', 5000) + pem, out _));
        var fault = Assert.Throws<CryptographicException>(() => SigningKey.FromPem(pem));
        Assert.DoesNotContain(pem[30..60], fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Base64_has_one_form()
    {
        var bytes = new byte[1];
        Assert.True(Base64Text.TryRead("AA==", bytes));
        Assert.False(Base64Text.TryRead("AB==", bytes));
        Assert.False(Base64Text.TryRead("AA=", bytes));
        Assert.False(Base64Text.TryRead("AA", bytes));
        Assert.False(Base64Text.TryRead(" AA==", bytes));
        Assert.False(Base64Text.TryRead("\u0141A==", bytes));
        Gen.Byte.Array.Sample(data => data.AsSpan().SequenceEqual(Base64Text.TryRead(Convert.ToBase64String(data))));
        Gen.String.Sample(text => Base64Text.TryRead(text) is not { } read || Convert.ToBase64String(read) == text);
    }
}
