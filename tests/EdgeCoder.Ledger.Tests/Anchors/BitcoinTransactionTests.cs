using EdgeCoder.Ledger.Anchors;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.TestKit.Bitcoin;

namespace EdgeCoder.Ledger.Tests.Anchors;

public sealed class BitcoinTransactionTests
{
    private const string Payload = "45430147320987f9a49d5b00119b960f247a956773f57543982b8bfcb6da5bb3afd9ef";

    // The first transaction of the chain: 50 coins for a public key, with the newspaper's headline.
    private const string Genesis =
        "01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000";

    private static readonly ScriptedTransaction Made = new(new string('a', 64), 3, Payload, 12_345, IsSigned: true);

    [Fact]
    public void The_first_transaction_of_the_chain_has_its_id()
    {
        Assert.True(BitcoinTransaction.TryRead(Genesis, out var read));
        Assert.Equal("4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b", read.Txid);
        Assert.Equal(5_000_000_000, Assert.Single(read.Outputs).Sats);
        Assert.Null(read.DataHex);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Witnesses_are_no_part_of_the_id(bool signed)
    {
        Assert.True(BitcoinTransaction.TryRead((Made with { IsSigned = signed }).RawHex, out var read));
        Assert.Equal((Made.Txid, Payload), (read.Txid, read.DataHex));
    }

    [Fact]
    public void What_is_cut_lengthened_or_no_hex_is_no_transaction()
    {
        for (var length = 0; length < Made.RawHex.Length; length++)
        {
            Assert.False(BitcoinTransaction.TryRead(Made.RawHex[..length], out _));
        }

        Assert.False(BitcoinTransaction.TryRead(Made.RawHex + "00", out _));
        Assert.False(BitcoinTransaction.TryRead("zz", out _));
        Assert.False(BitcoinTransaction.TryRead("01000000ff" + new string('f', 200), out _));
    }

    [Fact]
    public void Two_data_outputs_carry_nothing()
    {
        var output = new TransactionOutput(0, DataOutput.Script(Convert.FromHexString(Payload)));
        Assert.Equal(Payload, new BitcoinTransaction("", [output, new(5, [0, 20])]).DataHex);
        Assert.Null(new BitcoinTransaction("", [output, output]).DataHex);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(75)]
    [InlineData(76)]
    [InlineData(80)]
    public void Data_of_every_size_is_read_as_written(int size)
    {
        var data = Enumerable.Repeat((byte)0x6a, size).ToArray();
        Assert.Equal(data, DataOutput.Read(DataOutput.Script(data)));
    }

    [Fact]
    public void Data_of_no_size_or_more_than_eighty_bytes_is_refused()
    {
        Assert.Contains("op_return_data_too_large", Assert.Throws<ArgumentException>(() => DataOutput.Script(new byte[81])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => DataOutput.Script([]));
        Assert.Null(DataOutput.Read([0x6a]));
        Assert.Null(DataOutput.Read([0x6a, 2, 1]));
        Assert.Null(DataOutput.Read([0x6a, 1, 1, 1]));
    }

    [Fact]
    public void A_payload_is_thirty_five_bytes_of_version_one()
    {
        var hash = Payload[6..];
        Assert.Equal(hash, AnchorPayload.Read(AnchorPayload.Of(hash)));
        foreach (var wrong in new[] { "", hash, "454302" + hash, "454401" + hash, Payload + "00", Payload.ToUpperInvariant() })
        {
            Assert.Contains("unsupported_version", Assert.Throws<ArgumentException>(() => AnchorPayload.Read(wrong)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_branch_leads_to_the_root_of_its_block_and_to_no_other()
    {
        var chain = new ScriptedChain(BitcoinNetwork.Signet.Genesis, 1_000, 2_000, 3_000, 4_000);
        foreach (var coin in chain.Coins)
        {
            chain.Take(new(coin.Txid, coin.Index, Payload, coin.Sats - 1, true));
        }

        chain.Mine(2);
        var (block, other) = (chain.Best[^2], chain.Best[^1]);
        foreach (var (at, txid) in block.Txids.Index())
        {
            var branch = block.Branch(txid);
            Assert.True(MerkleBranch.Verify(txid, at, branch, block.Header, block.Hash));
            Assert.False(MerkleBranch.Verify(txid, at ^ 1, branch, block.Header, block.Hash) && at != block.Txids.Count - 1);
            Assert.False(MerkleBranch.Verify(txid, at + 8, branch, block.Header, block.Hash));
            Assert.False(MerkleBranch.Verify(new string('0', 64), at, branch, block.Header, block.Hash));
            Assert.False(MerkleBranch.Verify(txid, at, branch, other.Header, other.Hash));
            Assert.False(MerkleBranch.Verify(txid, at, branch, block.Header, other.Hash));
            Assert.False(MerkleBranch.Verify(txid, at, [.. branch, "xyz"], block.Header, block.Hash));
        }
    }
}
