using System.Text;
using System.Text.Json.Nodes;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Mirrors;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Witnesses;
using EdgeCoder.Ledger.Equivocations;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Receipts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Witnesses;

/// <summary>Coordinators that witness each other's logs and keep them (economy-and-ledger 9.5 to 9.8, 22 F14 to F17), over HTTP between three of them.</summary>
public sealed class PeerExchangeTests
{
    private readonly TestNetwork _network = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_cosign_each_other_and_keep_each_others_records()
    {
        var all = await RunningPeer.FederationAsync(_network, _time, "coord-a", "coord-b", "coord-c");
        await using var a = all[0];
        await using var b = all[1];
        await using var c = all[2];
        await a.GrowAsync(1_100);
        Assert.Null(await a.Services.GetRequiredService<LogCosignatures>().SoftFinalAsync(Stop));
        foreach (var one in all)
        {
            await one.ExchangeAsync();
        }

        var (note, checkpoint) = await a.CheckpointAsync();
        var trust = new TrustedKeys([Key(a), Witness(b), Witness(c)], 2);
        Assert.Equal((2, true), (trust.Witnesses(note), note.IsSignedBy(Key(a))));
        Assert.Equal(checkpoint.Hash, (await a.Services.GetRequiredService<LogCosignatures>().SoftFinalAsync(Stop))!.Checkpoint.Hash);
        var leaves = await a.LeavesAsync();
        Assert.Equal(checkpoint.Size, leaves.Count);
        var kept = new List<string>();
        while (kept.Count < leaves.Count)
        {
            kept.AddRange((await b.Reading.RangeAsync("coord-a", kept.Count, 1_000, Stop)).Records);
        }

        Assert.Equal(leaves.Select(Convert.ToBase64String), kept);
        Assert.Equal(leaves.Count, (await a.Reading.RangeAsync("coord-a", 0, MirrorReading.MostAsked, Stop)).Records.Count);

        // A time leaves out and moves nothing.
        var latest = await b.Reading.RangeAsync("coord-a", 0, 1_000, Stop, long.MaxValue);
        Assert.Equal((0, 1_001L), (latest.Records.Count, latest.NextSequence));
        Assert.All(await Task.WhenAll(all.Select(one => one.CountAsync("SELECT COUNT(*) FROM log_mirrors WHERE fault IS NULL AND size = checkpoint_size"))), count => Assert.Equal(2, count));

        // An idle dozen of exchanges changes nothing and asks no witness (F15).
        var before = (await a.LeavesAsync()).Count + await a.CountAsync("SELECT COUNT(*) FROM log_cosignatures") + await a.CountAsync("SELECT COUNT(*) FROM log_checkpoints");
        _network.Carried.Clear();
        for (var tick = 0; tick < 12; tick++)
        {
            await a.ExchangeAsync();
            await a.Keeper.SettleAsync(Stop);
        }

        Assert.Equal(before, (await a.LeavesAsync()).Count + await a.CountAsync("SELECT COUNT(*) FROM log_cosignatures") + await a.CountAsync("SELECT COUNT(*) FROM log_checkpoints"));
        Assert.DoesNotContain(_network.Carried, one => one.Contains("add-checkpoint", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_restored_old_backup_gets_its_records_back_and_does_not_fork(bool comesLate)
    {
        var all = await RunningPeer.FederationAsync(_network, _time, "coord-a", "coord-b", "coord-c");
        await using var a = all[0];
        await using var b = all[1];
        await using var c = all[2];
        await ExchangeAsync(all);
        await a.TellAsync(3, "t-later");
        using var backup = await a.BackUpAsync();
        await a.GrowAsync(40, "t-2");
        await ExchangeAsync(all);
        var leaves = await a.LeavesAsync();
        var (before, _) = await a.CheckpointAsync();

        await a.RestoreAsync(backup);
        if (comesLate)
        {
            // Nobody answers: it waits, and what happens meanwhile waits with it.
            _network.Cut.UnionWith(["coord-b", "coord-c"]);
            await a.StartAsync();
            Assert.Equal(RollbackCheck.Unreachable, a.Hold.Held!.Code);
            await a.GrowAsync(2, "t-new");
            Assert.True((await a.LeavesAsync()).Count < leaves.Count);
            _network.Cut.Clear();
            await a.ExchangeAsync();
            await a.Keeper.SettleAsync(Stop);
        }
        else
        {
            await a.StartAsync();
            await a.GrowAsync(2, "t-new");
        }

        Assert.Null(a.Hold.Held);
        var now = await a.LeavesAsync();
        Assert.Equal(leaves, now.Take(leaves.Count));

        // The three events that the backup still had are leaves already and are not told twice; that it was restored is one more.
        Assert.Equal(leaves.Count + 3, now.Count);
        Assert.Equal(1, await a.CountAsync("SELECT COUNT(*) FROM log_leaves WHERE event_type = 'security_event'"));
        await ExchangeAsync(all);
        var (after, _) = await a.CheckpointAsync();
        Assert.Equal(2, new TrustedKeys([Witness(b), Witness(c)], 2).Witnesses(after));
        Assert.NotEqual(before.Text, after.Text);
        Assert.Equal(ReceiptStanding.Proven, a.Check(Key(a)).Standing);
        Assert.Empty((await b.EvidenceAsync()).Equivocations);
    }

    [Fact]
    public async Task Without_the_missing_records_nothing_is_signed()
    {
        var all = await RunningPeer.FederationAsync(_network, _time, "coord-a", "coord-b");
        await using var a = all[0];
        await using var b = all[1];
        await ExchangeAsync(all);
        using var backup = await a.BackUpAsync();
        await a.GrowAsync(5);

        // The witness has cosigned, and has not kept the records yet.
        await a.Services.GetRequiredService<WitnessPush>().AskAsync((await a.Services.GetRequiredService<PeerDirectory>().ActiveAsync("coord-b", Stop))!, Stop);
        await a.RestoreAsync(backup);
        await a.StartAsync();
        Assert.Equal(LogRefusedException.RollbackDetected, a.Hold.Held!.Code);
        var (held, _) = await a.CheckpointAsync();
        await a.GrowAsync(3);
        await a.ExchangeAsync();
        Assert.Equal(held.Text, (await a.CheckpointAsync()).Note.Text);
        Assert.Equal(3, await a.CountAsync("SELECT COUNT(*) FROM log_events"));
        Assert.Equal(LogRefusedException.RollbackDetected, (await a.Reading.HeadAsync(Stop)).Held!.Code);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    public async Task A_log_with_two_histories_is_convicted_by_what_it_signed(int grown)
    {
        var all = await RunningPeer.FederationAsync(_network, _time, "coord-a", "coord-b");
        await using var a = all[0];
        await using var b = all[1];
        await a.GrowAsync(9);
        await ExchangeAsync(all);

        // The planted bug: the same id and key with a store of its own, which nobody held.
        await a.StopAsync();
        await using var twin = await RunningPeer.StartAsync(_network, _time, "coord-a", a.Key);
        await twin.ApproveAsync(b);
        await twin.GrowAsync(grown, "t-other");
        await b.ExchangeAsync();
        var evidence = Convert.FromBase64String(Assert.Single((await b.EvidenceAsync()).Equivocations).Evidence);
        Assert.Null(EquivocationVerifier.Check(evidence, new([Key(a)], 0)));
        Assert.Equal("suspended log_equivocation", await b.TextAsync("SELECT status || ' ' || reason FROM peers WHERE peer_id = 'coord-a'"));

        // Told once, and the peer is neither asked nor answered.
        await b.ExchangeAsync();
        await b.Keeper.SettleAsync(Stop);
        Assert.Equal(1, await b.CountAsync("SELECT COUNT(*) FROM log_leaves WHERE event_type = 'security_event'"));
        Assert.Equal(PushVerdict.Unanswered, await twin.Services.GetRequiredService<WitnessPush>().AskAsync((await twin.Services.GetRequiredService<PeerDirectory>().ActiveAsync("coord-b", Stop))!, Stop));
    }

    [Fact]
    public async Task A_fork_learns_of_itself_from_its_witness_and_signs_nothing_more()
    {
        var all = await RunningPeer.FederationAsync(_network, _time, "coord-a", "coord-b");
        await using var a = all[0];
        await using var b = all[1];
        await a.GrowAsync(9);
        await ExchangeAsync(all);
        await a.StopAsync();
        await using var twin = await RunningPeer.StartAsync(_network, _time, "coord-a", a.Key);
        await twin.GrowAsync(30, "t-other");
        await twin.ApproveAsync(b);
        await twin.ExchangeAsync();
        Assert.Equal(LogRefusedException.RollbackDetected, twin.Hold.Held!.Code);
        var count = (await twin.LeavesAsync()).Count;
        await twin.GrowAsync(5);
        Assert.Equal(count, (await twin.LeavesAsync()).Count);
    }

    [Theory]
    [InlineData(nameof(ExchangeStep.Cosigned))]
    [InlineData(nameof(ExchangeStep.Fetched))]
    [InlineData(nameof(ExchangeStep.Mirrored))]
    public async Task A_crash_in_the_middle_of_an_exchange_is_made_good_by_the_next(string step)
    {
        var all = await RunningPeer.FederationAsync(_network, _time, "coord-a", "coord-b");
        await using var a = all[0];
        await using var b = all[1];
        await a.GrowAsync(1_200);
        await b.GrowAsync(1_200);
        a.At = at => Ended.If(at.ToString() == step);
        await Assert.ThrowsAsync<Ended>(a.ExchangeAsync);
        await a.StopAsync();
        a.At = _ => { };
        await a.StartAsync();
        await a.ExchangeAsync();
        Assert.Equal(1, new TrustedKeys([Witness(b)], 1).Witnesses((await a.CheckpointAsync()).Note));
        Assert.Equal((await b.LeavesAsync()).Count, await a.CountAsync("SELECT size FROM log_mirrors WHERE fault IS NULL AND checkpoint_size = size"));
        Assert.Equal((await b.LeavesAsync()).Count, await a.CountAsync("SELECT COUNT(*) FROM mirror_leaves"));
    }

    [Theory]
    [InlineData(nameof(ExchangeStep.Recovered))]
    [InlineData(nameof(ExchangeStep.Restored))]
    public async Task A_crash_while_records_come_back_is_made_good_at_the_next_start(string step)
    {
        var all = await RunningPeer.FederationAsync(_network, _time, "coord-a", "coord-b");
        await using var a = all[0];
        await using var b = all[1];
        await ExchangeAsync(all);
        using var backup = await a.BackUpAsync();
        await a.GrowAsync(20);
        await ExchangeAsync(all);
        var leaves = await a.LeavesAsync();
        await a.RestoreAsync(backup);
        a.At = at => Ended.If(at.ToString() == step);
        await Assert.ThrowsAsync<Ended>(a.StartAsync);
        await a.StopAsync();
        a.At = _ => { };
        await a.StartAsync();
        Assert.Null(a.Hold.Held);
        Assert.Equal(leaves, (await a.LeavesAsync()).SkipLast(1));
    }

    [Theory]
    [InlineData("coord-b/ledger/checkpoint", "checkpoint_signature_invalid")]
    [InlineData("coord-b/stats/ledger/range", "invalid_signature")]
    public async Task What_was_changed_on_the_way_is_refused_with_its_reason(string where, string fault)
    {
        var all = await RunningPeer.FederationAsync(_network, _time, "coord-a", "coord-b");
        await using var a = all[0];
        await using var b = all[1];
        await b.GrowAsync(4);
        _network.Change = (path, body) => path == where ? Changed(body) : body;
        await a.ExchangeAsync();
        Assert.Equal(fault, await a.TextAsync("SELECT fault FROM log_mirrors WHERE checkpoint_size = 0"));
        Assert.Empty((await a.EvidenceAsync()).Equivocations);
        _network.Change = (_, body) => body;
        await a.ExchangeAsync();
        Assert.Equal(6, await a.CountAsync("SELECT checkpoint_size FROM log_mirrors WHERE fault IS NULL"));
    }

    [Fact]
    public async Task A_cosignature_of_another_key_or_of_the_future_does_not_count()
    {
        var all = await RunningPeer.FederationAsync(_network, _time, "coord-a", "coord-b");
        await using var a = all[0];
        await using var b = all[1];
        await a.GrowAsync(4);
        var (note, _) = await a.CheckpointAsync();
        var second = _time.GetUtcNow().ToUnixTimeSeconds();
        foreach (var forged in new[] { NoteSignature.Cosign(note.Text, "edgecoder/coord-b", second, a.Key), NoteSignature.Cosign(note.Text, "edgecoder/coord-b", second + 3_600, b.Key), NoteSignature.Cosign(note.Text + "x\n", "edgecoder/coord-b", second, b.Key) })
        {
            _network.Change = (path, body) => path == "coord-b/ledger/witness/add-checkpoint" ? Encoding.UTF8.GetBytes(forged.ToString()) : body;
            await a.ExchangeAsync();
            Assert.Equal(0, await a.CountAsync("SELECT COUNT(*) FROM log_cosignatures"));
        }
    }

    // One letter of the last signature: of a note in its line, of a page in the base64 of its last leaf.
    private static byte[] Changed(byte[] body)
    {
        var text = Encoding.UTF8.GetString(body);
        if (!text.StartsWith('{'))
        {
            return Encoding.UTF8.GetBytes(text[..^40] + (text[^40] == 'A' ? 'B' : 'A') + text[^39..]);
        }

        var leaf = JsonNode.Parse(text)!;
        var bytes = Convert.FromBase64String((string)leaf["records"]!.AsArray()[^1]!);
        bytes[^30] = bytes[^30] == (byte)'A' ? (byte)'B' : (byte)'A';
        leaf["records"]!.AsArray()[^1] = Convert.ToBase64String(bytes);
        return Encoding.UTF8.GetBytes(leaf.ToJsonString());
    }

    private static async Task ExchangeAsync(RunningPeer[] all)
    {
        foreach (var one in all)
        {
            await one.ExchangeAsync();
        }

        // What was cosigned last is pulled too.
        foreach (var one in all)
        {
            await one.ExchangeAsync();
        }
    }

    private static NoteKey Key(RunningPeer peer) => NoteKey.Of("edgecoder/" + peer.Id, NoteKeyType.Ed25519, peer.Key.PublicKey);

    private static NoteKey Witness(RunningPeer peer) => NoteKey.Of("edgecoder/" + peer.Id, NoteKeyType.Cosignature, peer.Key.PublicKey);

    /// <summary>The process ends here.</summary>
    private sealed class Ended : Exception
    {
        public static void If(bool here)
        {
            if (here)
            {
                throw new Ended();
            }
        }
    }
}
