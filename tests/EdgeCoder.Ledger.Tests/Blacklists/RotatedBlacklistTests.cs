using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Ledger.Blacklists;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Rotations;

namespace EdgeCoder.Ledger.Tests.Blacklists;

/// <summary>A blacklist whose source has changed its key is checked with the keys of their time, from any one that is trusted (economy-and-ledger 14, 16.2).</summary>
public sealed class RotatedBlacklistTests : IDisposable
{
    private const string Source = "coord-1";
    private const long Changed = 1_700_000_000_000;
    private const long Day = 86_400_000;

    private readonly SigningKey _old = SigningKey.Generate();
    private readonly SigningKey _new = SigningKey.Generate();

    public void Dispose()
    {
        _old.Dispose();
        _new.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Events_of_both_keys_are_right_for_who_trusts_either(bool trustsOld)
    {
        var audit = Audit(Made(_old, Changed - Day), Made(_new, Changed + (3 * Day)));
        var trusted = trustsOld ? _old : _new;
        Assert.Equal(new BlacklistFinding(null, 2, audit.Head, null), Check(audit.Bytes, trusted, Chain()));

        // Without the way from one key to the other only the events of the one count.
        Assert.Equal((BlacklistFault.CoordinatorSignatureInvalid, trustsOld ? 1 : 0), Fault(Check(audit.Bytes, trusted, null)));
    }

    [Fact]
    public void An_ended_key_makes_no_new_event_and_a_new_one_none_of_the_past()
    {
        var late = Audit(Made(_old, Changed - Day), Made(_old, Changed + (3 * Day)));
        Assert.Equal((BlacklistFault.CoordinatorSignatureInvalid, 1), Fault(Check(late.Bytes, _old, Chain())));
        var early = Audit(Made(_new, Changed - Day));
        Assert.Equal((BlacklistFault.CoordinatorSignatureInvalid, 0), Fault(Check(early.Bytes, _new, Chain())));

        // Both count while they overlap, and within what clocks may differ.
        var overlap = Audit(Made(_old, Changed + Day), Made(_new, Changed + Day), Made(_new, Changed - 1_000));
        Assert.Null(Check(overlap.Bytes, _old, Chain()).Fault);
    }

    [Fact]
    public void A_chain_without_a_trusted_key_leads_nowhere()
    {
        using var other = SigningKey.Generate();
        var audit = Audit(Made(_old, Changed - Day));
        Assert.Equal((BlacklistFault.CoordinatorSignatureInvalid, 0), Fault(Check(audit.Bytes, other, Chain())));
    }

    private static (BlacklistFault?, int) Fault(BlacklistFinding finding) => (finding.Fault, finding.EventsVerified);

    private static BlacklistFinding Check(byte[] audit, SigningKey trusted, KeyChain? chain) => BlacklistVerifier.Check(
        audit, Source, new Dictionary<string, VerifyingKey> { [Source] = trusted.PublicKey }, chain is null ? null : new Dictionary<string, KeyChain> { [Source] = chain });

    private KeyChain Chain()
    {
        Assert.Null(KeyChain.TryBegin(Source, SignedKeyStatement.Announce(Source, _old, 0).Bytes, out var chain));
        Assert.Null(chain!.TryFollow(SignedKeyStatement.Change(Source, _old, _new, Changed).Bytes, out chain));
        return chain!;
    }

    private static (SigningKey Key, long AtMs) Made(SigningKey key, long atMs) => (key, atMs);

    private static (byte[] Bytes, string Head) Audit(params (SigningKey Key, long AtMs)[] made)
    {
        List<SignedBlacklistEvent> events = [];
        foreach (var (key, atMs) in made)
        {
            var sample = new SampleBlacklist(Source, 0).Add("agent-1", atMs).Event;
            events.Add(SignedBlacklistEvent.Sign(
                sample with { Sequence = events.Count + 1, EventId = Guid.NewGuid().ToString("D"), PrevEventHash = events.Count == 0 ? BlacklistEvent.Genesis : events[^1].Hash }, key));
        }

        JsonObject audit = SampleBlacklist.Audit(Source, events);
        return (Encoding.UTF8.GetBytes(audit.ToJsonString()), events[^1].Hash);
    }
}
