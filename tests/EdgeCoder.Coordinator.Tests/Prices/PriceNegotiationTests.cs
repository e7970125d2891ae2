using EdgeCoder.Coordinator.Prices;
using EdgeCoder.Protocol.Documents;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Tasks;

namespace EdgeCoder.Coordinator.Tests.Prices;

/// <summary>Agreeing on a price (economy-and-ledger 5, 21.1, 21.3, F21).</summary>
public sealed class PriceNegotiationTests
{
    private const long Now = 1_700_000_000_000;

    private static readonly QuorumMember Self = new("coord-1", null);

    [Fact]
    public void Alone_the_own_quote_is_the_price() => Assert.Equal(33, Agreed([Self], [Quote("coord-1", 33)]).Price);

    [Fact]
    public void Weights_are_of_this_coordinators_own_making()
    {
        QuorumMember[] members = [Self, new("coord-2", 100), new("coord-3", 100)];
        Assert.Equal(45, Agreed(members, [Quote("coord-1", 30), Quote("coord-2", 45), Quote("coord-3", 90)]).Price);
        Assert.Equal(30, Agreed([Self, new("coord-2", 100)], [Quote("coord-1", 30), Quote("coord-2", 40)]).Price);
        Assert.Equal(30, Agreed([Self, new("coord-2", -5)], [Quote("coord-1", 30), Quote("coord-2", 1)]).Price);
    }

    [Fact]
    public void Quotes_of_strangers_old_ones_future_ones_and_second_ones_of_a_member_do_not_count()
    {
        QuorumMember[] members = [Self, new("coord-2", 100), new("coord-3", 100)];
        PriceQuote[] quotes = [Quote("coord-1", 30), Quote("coord-4", 1), Quote("coord-2", 1, Now - 300_001), Quote("coord-3", 1, Now + 120_001)];
        Assert.Equal(new NegotiationVerdict.QuorumMissing(1, 2), PriceNegotiation.Judge(members, quotes, 30, Now, 120_000));
        Assert.Equal(new NegotiationVerdict.QuorumMissing(1, 2), PriceNegotiation.Judge(members, [Quote("coord-1", 30), Quote("coord-1", 31)], 30, Now, 120_000));
        Assert.Equal(2, Agreed(members, [Quote("coord-1", 30), Quote("coord-2", 30, Now - 300_000)]).Quotes.Count);
    }

    [Theory]
    [InlineData(30, 15, false)]
    [InlineData(30, 14, true)]
    [InlineData(30, 60, false)]
    [InlineData(30, 61, true)]
    [InlineData(null, 1_000, false)]
    public void Jump_beyond_half_or_twice_waits_for_an_operator(int? current, int price, bool jump) =>
        Assert.Equal(jump, Agreed([Self], [Quote("coord-1", price)], current).IsJump);

    [Fact]
    public void Quote_of_the_specification_has_its_signature_and_no_other_key_or_coordinator_fits()
    {
        using var key = SigningKey.FromSeed([.. Enumerable.Range(0, 32).Select(one => (byte)one)]);
        using var other = SigningKey.Generate();
        var signed = SignedDocument.Sign(DocumentContexts.PriceQuote, Quote("coord-1", 33) with { SupplyIndex = 10, DemandIndex = 13 }, PriceDocumentJson.Default.PriceQuote, key);
        var quote = PriceQuotes.Read(signed, "coord-1", key.PublicKey)!;
        Assert.Equal("Ty+xsvQL/cI0P5WhV2IvL5c3vOT798ckFpWFsE/NA1QPiNhUQvrowkeOZQD8mHYsLUaTgVDPCTmD92p3TZnxAQ==", quote.Signature);
        Assert.Null(PriceQuotes.Read(signed, "coord-2", key.PublicKey));
        Assert.Null(PriceQuotes.Read(signed, "coord-1", other.PublicKey));
        Assert.Null(PriceQuotes.Read([.. signed, (byte)' '], "coord-1", key.PublicKey));
        Assert.Null(PriceQuotes.Read(SignedDocument.Sign(DocumentContexts.PriceEpoch, Quote("coord-1", 33), PriceDocumentJson.Default.PriceQuote, key), "coord-1", key.PublicKey));
    }

    private static NegotiationVerdict.Agreed Agreed(QuorumMember[] members, PriceQuote[] quotes, long? current = null) =>
        Assert.IsType<NegotiationVerdict.Agreed>(PriceNegotiation.Judge(members, quotes, current, Now, 120_000));

    private static PriceQuote Quote(string coordinatorId, long price, long at = Now) => new()
    {
        V = 1,
        CoordinatorId = coordinatorId,
        ResourceClass = ResourceClass.Cpu,
        PricePerComputeUnitSats = price,
        SupplyIndex = 1,
        DemandIndex = 1,
        CreatedAtMs = at,
    };
}
