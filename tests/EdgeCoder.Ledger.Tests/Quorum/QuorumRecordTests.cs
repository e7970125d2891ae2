using System.Text;
using System.Text.Json;
using EdgeCoder.Ledger.Quorum;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Tests.Records;

namespace EdgeCoder.Ledger.Tests.Quorum;

/// <summary>Signed records of a quorum (economy-and-ledger 8.2, 21.3).</summary>
public sealed class QuorumRecordTests
{
    private const string Body = """{"coordinatorId":"coord-1","createdAtMs":1700000000000,"epochId":"ep-1700002800000","payloadJson":{"proposalHash":"5041bf1f713df204784353e82f6a4a535931cb64f1f4b4a5aeaffcb720918b22","vote":"approve","voterCoordinatorId":"coord-1"},"prevHash":"GENESIS","recordId":"00000000-0000-4000-8000-0000000000c1","recordType":"issuance_vote","v":1}""";
    private const string Hash = "ee6e52db9a0cda07865b297baca0fc001ad4d40ef79aabc69f7c375fa16d3bd3";
    private const string Signature = "20PKcQr5qJ+7CNOxoqlnfzSHABDSSNtk2ZvlDu1nf6LKBmFuf2+g0FzzHrbDGeOQaISpiXT/8vkgjlm2YlJcAw==";

    [Fact]
    public void Vote_of_the_specification_has_its_bytes_hash_and_signature()
    {
        using var key = SpecificationLog.C;
        Assert.Null(SignedQuorumRecord.TryRead(Encoding.UTF8.GetBytes(Body), Hash, Signature, out var read));
        Assert.True(read!.HasItsHash && read.IsSignedBy(key.PublicKey));
        Assert.Equal("approve", IssuanceVote.Of(read)!.Vote);

        var made = SignedQuorumRecord.Sign(read.Record, key);

        Assert.Equal((Body, Hash, Signature), (Encoding.UTF8.GetString(made.Bytes), made.Hash, made.Signature));
    }

    [Fact]
    public void In_a_log_its_bytes_are_a_slice()
    {
        SignedQuorumRecord.TryRead(Encoding.UTF8.GetBytes(Body), Hash, Signature, out var vote);

        Assert.Null(SignedQuorumRecord.TryRead(vote!.Show(), out var again));
        Assert.Equal((Body, Hash, Signature), (Encoding.UTF8.GetString(again!.Bytes), again.Hash, again.Signature));
        Assert.Equal(LedgerFault.NotCanonical, SignedQuorumRecord.TryRead(JsonElement.Parse("""{"hash":"x","record":{},"signature":"y","more":1}"""), out _));
    }

    [Theory]
    [InlineData("\"approve\"", "\"reject\"")]
    [InlineData("1700002800000", "1700006400000")]
    [InlineData("GENESIS", "OTHER")]
    public void A_changed_record_has_another_hash(string was, string becomes)
    {
        using var key = SpecificationLog.C;
        SignedQuorumRecord.TryRead(Encoding.UTF8.GetBytes(Body.Replace(was, becomes, StringComparison.Ordinal)), Hash, Signature, out var changed);

        Assert.False(changed!.HasItsHash);
    }

    [Theory]
    [InlineData("\"v\":1", "\"v\":2", LedgerFault.UnknownVersion)]
    [InlineData("issuance_vote", "issuance_wish", LedgerFault.NotCanonical)]
    [InlineData("\"v\":1", "\"v\":1 ", LedgerFault.NotCanonical)]
    [InlineData("\"v\":1", "\"v\":1,\"w\":1", LedgerFault.NotCanonical)]
    [InlineData("00000000-0000-4000-8000-0000000000c1", "c1", LedgerFault.NotCanonical)]
    public void A_record_of_another_form_is_none(string was, string becomes, LedgerFault fault) =>
        Assert.Equal(fault, SignedQuorumRecord.TryRead(Encoding.UTF8.GetBytes(Body.Replace(was, becomes, StringComparison.Ordinal)), Hash, Signature, out _));

    [Fact]
    public void A_vote_in_anothers_name_is_none()
    {
        using var key = SpecificationLog.C;
        SignedQuorumRecord.TryRead(Encoding.UTF8.GetBytes(Body), Hash, Signature, out var vote);
        var foreign = SignedQuorumRecord.Sign(vote!.Record with { CoordinatorId = "coord-2" }, key);

        Assert.Null(IssuanceVote.Of(foreign));
    }
}
