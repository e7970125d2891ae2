using System.Text;
using CsCheck;
using EdgeCoder.Ledger.Blacklists;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Ledger.Tests.Blacklists;

/// <summary>F20: events that come in any order, twice and relayed make the same list everywhere.</summary>
public sealed class BlacklistMergeProperties
{
    private const long NowMs = 1_700_000_100_000;

    [Fact]
    public void Any_order_of_arrival_ends_with_the_same_list_and_right_chains() => Gen.Int[0, int.MaxValue - 1].Sample(
        seed =>
        {
            var random = new Random(seed);
            var sources = new[] { Chain("coord-1", 0, random), Chain("coord-2", 32, random), Chain("coord-3", 64, random) };
            var keys = sources.ToDictionary(s => s.Source, s => s.Key.PublicKey);
            var all = sources.SelectMany(s => s.Events).ToList();
            var lists = sources.Select(own =>
            {
                var known = Receive(own, all, keys, random);
                Assert.Null(BlacklistVerifier.Check(Encoding.UTF8.GetBytes(SampleBlacklist.Audit(own.Source, known).ToJsonString()), own.Source, keys).Fault);
                return string.Join(',', ActiveBlacklist.Of(known.Select(e => e.Event), own.Source, NowMs).Select(e => e.EventId));
            }).ToList();

            // The reference: what is added, not ended by its source and not expired.
            var expected = all.Select(e => e.Event).Where(e => e.Action == "add" && !(e.ExpiresAtMs <= NowMs) && !all.Any(r => r.Event.RevokesEventId == e.EventId))
                .OrderBy(e => e.SourceCoordinatorId, StringComparer.Ordinal).ThenBy(e => e.Sequence).Select(e => e.EventId);
            Assert.All(lists, list => Assert.Equal(string.Join(',', expected), list));
        },
        iter: 60);

    [Fact]
    public void A_local_revocation_ends_an_entry_here_and_one_of_another_peer_nowhere()
    {
        var own = new SampleBlacklist("coord-1", 0);
        var peer = new SampleBlacklist("coord-2", 32);
        var entry = peer.Add("agent-1");
        own.Revoke(entry);
        var known = own.Events.Concat(peer.Events).Select(e => e.Event).ToList();

        Assert.Empty(ActiveBlacklist.Of(known, "coord-1", NowMs));
        Assert.Single(ActiveBlacklist.Of(known, "coord-2", NowMs));
        Assert.Single(ActiveBlacklist.Of(known, "coord-3", NowMs));
    }

    [Fact]
    public void What_is_refused_has_its_code()
    {
        var peer = new SampleBlacklist("coord-2", 32);
        var other = new SampleBlacklist("coord-3", 64);
        var first = peer.Add("agent-1");
        var second = peer.Add("agent-2");
        var fork = new SampleBlacklist("coord-2", 32).Add("agent-9");
        SignedBlacklistEvent.TryRead(first.Bytes, new('0', 64), first.Signature, out var misnamed);

        Assert.Equal(BlacklistAdmissionVerdict.BlacklistEventHashMismatch, BlacklistAdmission.Judge(misnamed!, peer.Key.PublicKey, 0, BlacklistEvent.Genesis, null));
        Assert.Equal(BlacklistAdmissionVerdict.InvalidBlacklistPayload, BlacklistAdmission.Judge(first, null, 0, BlacklistEvent.Genesis, null));
        Assert.Equal(BlacklistAdmissionVerdict.BlacklistCoordinatorSignatureInvalid, BlacklistAdmission.Judge(first, other.Key.PublicKey, 0, BlacklistEvent.Genesis, null));
        Assert.Equal(BlacklistAdmissionVerdict.BlacklistSequenceGap, BlacklistAdmission.Judge(second, peer.Key.PublicKey, 0, BlacklistEvent.Genesis, null));
        Assert.Equal(BlacklistAdmissionVerdict.BlacklistEventHashMismatch, BlacklistAdmission.Judge(second, peer.Key.PublicKey, 1, fork.Hash, null));
        Assert.Equal(BlacklistAdmissionVerdict.BlacklistEventHashMismatch, BlacklistAdmission.Judge(fork, peer.Key.PublicKey, 2, second.Hash, first.Hash));
        Assert.Equal(BlacklistAdmissionVerdict.Duplicate, BlacklistAdmission.Judge(first, peer.Key.PublicKey, 2, second.Hash, first.Hash));
        Assert.Equal(BlacklistAdmissionVerdict.Next, BlacklistAdmission.Judge(second, peer.Key.PublicKey, 1, first.Hash, null));
    }

    // Entries and ends of them; times are equal on purpose.
    private static SampleBlacklist Chain(string source, byte seed, Random random)
    {
        var chain = new SampleBlacklist(source, seed);
        for (var n = random.Next(6); n > 0; n--)
        {
            var entry = chain.Add($"agent-{random.Next(4)}", expiresAtMs: random.Next(3) == 0 ? NowMs - 1 : null);
            if (random.Next(3) == 0)
            {
                chain.Revoke(entry);
            }
        }

        return chain;
    }

    // Everything of the others arrives shuffled, each event twice; what was refused for a gap is fetched from the source until nothing is missing.
    private static List<SignedBlacklistEvent> Receive(SampleBlacklist own, List<SignedBlacklistEvent> all, Dictionary<string, VerifyingKey> keys, Random random)
    {
        var known = new List<SignedBlacklistEvent>(own.Events);
        var waiting = all.Concat(all).ToArray();
        for (var rounds = 0; waiting.Length > 0; rounds++)
        {
            Assert.True(rounds < 100, "A gap was never closed.");
            random.Shuffle(waiting);
            waiting = [.. waiting.Where(e =>
            {
                var ofSource = known.Where(k => k.Event.SourceCoordinatorId == e.Event.SourceCoordinatorId).OrderBy(k => k.Event.Sequence).ToList();
                var verdict = BlacklistAdmission.Judge(
                    e, keys[e.Event.SourceCoordinatorId], ofSource.Count, ofSource.LastOrDefault()?.Hash ?? BlacklistEvent.Genesis, ofSource.FirstOrDefault(k => k.Event.Sequence == e.Event.Sequence)?.Hash);
                if (verdict is BlacklistAdmissionVerdict.Next)
                {
                    known.Add(e);
                }

                Assert.True(verdict is BlacklistAdmissionVerdict.Next or BlacklistAdmissionVerdict.Duplicate or BlacklistAdmissionVerdict.BlacklistSequenceGap);
                return verdict is BlacklistAdmissionVerdict.BlacklistSequenceGap;
            })];
        }

        return known;
    }
}
