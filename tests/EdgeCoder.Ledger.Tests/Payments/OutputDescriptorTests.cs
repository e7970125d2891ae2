using CsCheck;
using EdgeCoder.Ledger.Treasury;

namespace EdgeCoder.Ledger.Tests.Payments;

/// <summary>Descriptors of treasuries: the checksum of BIP 380 and k of n.</summary>
public sealed class OutputDescriptorTests
{
    private const string Keys = "[d34db33f/48h/1h/0h/2h]tpubA/0/*,[00000001/48h/1h/0h/2h]tpubB/0/*,[00000002/48h/1h/0h/2h]tpubC/0/*";

    [Fact]
    public void Checksum_is_that_of_the_specification() => Assert.Equal("89f8spxm", OutputDescriptor.Checksum("raw(deadbeef)"));

    [Theory]
    [InlineData("wsh(sortedmulti(2," + Keys + "))", 2, 3)]
    [InlineData("sh(wsh(multi(1," + Keys + ")))", 1, 3)]
    [InlineData("tr(tpubX,multi_a(3," + Keys + "))", 3, 3)]
    [InlineData("tr(tpubX,{pk(tpubY),sortedmulti_a(2," + Keys + ")})", 2, 3)]
    public void Threshold_and_keys_are_read(string descriptor, int threshold, int keys) =>
        Assert.Equal(new OutputDescriptor(threshold, keys), OutputDescriptor.TryParse(descriptor + "#" + OutputDescriptor.Checksum(descriptor)));

    [Theory]
    [InlineData("wpkh(tpubA)")]
    [InlineData("wsh(sortedmulti(0,tpubA,tpubB))")]
    [InlineData("wsh(sortedmulti(3,tpubA,tpubB))")]
    [InlineData("wsh(sortedmulti(2,tpubA,tpubA))")]
    [InlineData("wsh(sortedmulti(x,tpubA,tpubB))")]
    [InlineData("wsh(sortedmulti(1,tpubA,))")]
    [InlineData("wsh(sortedmulti(1))")]
    [InlineData("wsh(unsortedmulti(1,tpubA))")]
    public void Anything_but_k_of_n_different_keys_is_none(string descriptor) => Assert.Null(OutputDescriptor.TryParse(descriptor + "#" + OutputDescriptor.Checksum(descriptor)));

    [Fact]
    public void Any_changed_letter_is_seen()
    {
        const string Descriptor = "wsh(sortedmulti(2," + Keys + "))";
        var whole = Descriptor + "#" + OutputDescriptor.Checksum(Descriptor);
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Char['!', '~']).Sample((at, letter) => whole[at] == letter || OutputDescriptor.TryParse(whole[..at] + letter + whole[(at + 1)..]) is null);
        Assert.Null(OutputDescriptor.TryParse(Descriptor));
        Assert.Null(OutputDescriptor.TryParse(null));
        Assert.Null(OutputDescriptor.Checksum("raw(é)"));
    }
}
