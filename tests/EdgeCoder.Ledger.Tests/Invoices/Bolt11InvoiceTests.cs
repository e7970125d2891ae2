using CsCheck;
using EdgeCoder.Ledger.Invoices;

namespace EdgeCoder.Ledger.Tests.Invoices;

/// <summary>The examples that BOLT 11 publishes, and each of them damaged.</summary>
public sealed class Bolt11InvoiceTests
{
    private const string Hash = "0001020304050607080900010203040506070809000102030405060708090102";
    private const string Nonsense = "lnbc2500u1pvjluezpp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdpquwpc4curk03c9wlrswe78q4eyqc7d8d0xqzpuyk0sg5g70me25alkluzd2x62aysf2pyy8edtjeevuv4p2d5p76r4zkmneet7uvyakky2zr4cusd45tftc9c5fh0nnqpnl2jfll544esqchsrny";
    private const string Testnet = "lntb20m1pvjluezhp58yjmdan79s6qqdhdzgynm4zwqd5d7xmw5fk98klysy043l2ahrqspp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqfpp3x9et2e20v6pu37c5d9vax37wxq72un98kmzzhznpurw9sgl2v0nklu2g4d0keph5t7tj9tcqd8rexnd07ux4uv2cjvcqwaxgj7v4uwn5wmypjd5n69z2xm3xgksg28nwht7f6zspwp3f9t";
    private const string Pico = "lnbc9678785340p1pwmna7lpp5gc3xfm08u9qy06djf8dfflhugl6p7lgza6dsjxq454gxhj9t7a0sd8dgfkx7cmtwd68yetpd5s9xar0wfjn5gpc8qhrsdfq24f5ggrxdaezqsnvda3kkum5wfjkzmfqf3jkgem9wgsyuctwdus9xgrcyqcjcgpzgfskx6eqf9hzqnteypzxz7fzypfhg6trddjhygrcyqezcgpzfysywmm5ypxxjemgw3hxjmn8yptk7untd9hxwg3q2d6xjcmtv4ezq7pqxgsxzmnyyqcjqmt0wfjjq6t5v4khxxqyjw5qcqp2rzjq0gxwkzc8w6323m55m4jyxcjwmy7stt9hwkwe2qxmy8zpsgg7jcuwz87fcqqeuqqqyqqqqlgqqqqn3qq9qn07ytgrxxzad9hc4xt3mawjjt8znfv8xzscs7007v9gh9j569lencxa8xeujzkxs0uamak9aln6ez02uunw6rd2ht2sqe4hz8thcdagpleym0j";

    [Theory]
    [InlineData(Nonsense, "bitcoin", 250_000_000, Hash, 1_496_314_658, 60)]
    [InlineData(Testnet, "testnet", 2_000_000_000, Hash, 1_496_314_658, 3_600)]
    [InlineData(Pico, "bitcoin", 967_878_534, "462264ede7e14047e9b249da94fefc47f41f7d02ee9b091815a5506bc8abf75f", 1_572_468_703, 604_800)]
    public void Published_example_is_read(string text, string network, long msat, string hash, long createdAtS, long expiryS)
    {
        Assert.Equal(new(network, msat, hash, createdAtS, expiryS), Bolt11Invoice.TryParse(text));
        Assert.Equal(Bolt11Invoice.TryParse(text), Bolt11Invoice.TryParse(text.ToUpperInvariant()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("mockln:00000000-0000-4000-8000-000000000001:10")]
    [InlineData("pvjluezpp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypq")]
    public void Text_that_is_no_invoice_is_none(string? text) => Assert.Null(Bolt11Invoice.TryParse(text));

    [Fact]
    public void Mixed_case_is_no_invoice() => Assert.Null(Bolt11Invoice.TryParse("LNBC" + Nonsense[4..]));

    [Fact]
    public void Any_changed_letter_is_seen() => Gen.Select(Gen.Int[0, Pico.Length - 1], Gen.Int[0, 35]).Sample((at, letter) =>
    {
        var text = Pico.ToCharArray();
        text[at] = "abcdefghijklmnopqrstuvwxyz0123456789"[letter];
        var changed = new string(text);
        return changed == Pico || Bolt11Invoice.TryParse(changed) is null;
    });

    [Fact]
    public void Any_cut_is_seen() => Assert.All(Enumerable.Range(0, Nonsense.Length), length => Assert.Null(Bolt11Invoice.TryParse(Nonsense[..length])));
}
