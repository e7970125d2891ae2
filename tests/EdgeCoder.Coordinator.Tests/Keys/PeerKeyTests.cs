using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.Peers;
using EdgeCoder.Coordinator.Tests.Witnesses;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Rotations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Keys;

/// <summary>Peers follow each other's keys by statements of both keys and in no other way (economy-and-ledger 16.2, F27).</summary>
public sealed class PeerKeyTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000);
    private readonly FakeTimeProvider _time = new(Start);
    private readonly TestNetwork _network = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    [Fact]
    public async Task A_change_is_followed_and_witnesses_cosign_before_during_and_after_the_overlap()
    {
        var (one, two, three) = await FederationAsync();
        await using var _ = one;
        await using var __ = two;
        await using var ___ = three;
        await one.RotateAsync();
        _network.Carried.Clear();
        await ExchangeAsync(one, two, three);
        Assert.Equal([one.Identity.Key.PublicKey, one.Key.PublicKey], await two.Services.GetRequiredService<PeerDirectory>().FindAsync("coord-1", Stop));
        Assert.Contains("POST coord-2/mesh/keys", _network.Carried);

        // A witness that changes its key cosigns with both for the overlap, and both count for the log.
        await two.RotateAsync();
        await ExchangeAsync(one, two, three);
        await one.GrowAsync(2);
        await ExchangeAsync(one, two, three);
        Assert.Equal(2, (await one.CheckpointAsync()).Note.Signatures.Count(line => line.Time is not null));

        _time.Advance(TimeSpan.FromHours(49));
        await one.GrowAsync(2);
        await ExchangeAsync(one, two, three);
        var (note, _) = await one.CheckpointAsync();
        Assert.True(note.IsSignedBy(NoteKey.Of("edgecoder/coord-2", NoteKeyType.Cosignature, two.Identity.Key.PublicKey)));
        Assert.False(note.IsSignedBy(NoteKey.Of("edgecoder/coord-1", NoteKeyType.Ed25519, one.Key.PublicKey)));
        Assert.Equal([one.Identity.Key.PublicKey], await two.Services.GetRequiredService<PeerDirectory>().FindAsync("coord-1", Stop));
        Assert.Equal(await Leaves(one), await two.CountAsync("SELECT size FROM log_mirrors WHERE source = 'coord-1'"));
        Assert.Equal(0, await two.CountAsync("SELECT COUNT(*) FROM log_mirrors WHERE fault IS NOT NULL"));
        Assert.Null(one.Hold.Held);
    }

    [Fact]
    public async Task Two_that_changed_their_keys_unseen_for_longer_than_the_overlap_find_each_other_again()
    {
        var (one, two, three) = await FederationAsync();
        await using var _ = one;
        await using var __ = two;
        await using var ___ = three;
        _network.Cut.Add("coord-1");
        _network.Cut.Add("coord-2");
        await one.RotateAsync();
        await two.RotateAsync();
        _time.Advance(TimeSpan.FromDays(30));
        await one.RotateAsync();
        _time.Advance(TimeSpan.FromDays(30));
        _network.Cut.Clear();
        await ExchangeAsync(one, two, three);
        await ExchangeAsync(one, two, three);
        await one.GrowAsync(1);
        await ExchangeAsync(one, two, three);
        Assert.Equal((await Leaves(one), await Leaves(two)), (await two.CountAsync("SELECT size FROM log_mirrors WHERE source = 'coord-1'"), await one.CountAsync("SELECT size FROM log_mirrors WHERE source = 'coord-2'")));
        Assert.Equal(2, (await one.CheckpointAsync()).Note.Signatures.Count(line => line.Time is not null));
    }

    [Fact]
    public async Task A_peer_that_is_approved_after_its_change_is_mirrored_from_its_first_record_on()
    {
        await using var one = await RunningPeer.StartAsync(_network, _time, "coord-1");
        await using var two = await RunningPeer.StartAsync(_network, _time, "coord-2");
        await one.GrowAsync(3);
        await one.RotateAsync();
        await one.GrowAsync(3);
        _time.Advance(TimeSpan.FromDays(3));
        await two.ApproveAsync(one);
        await one.ApproveAsync(two);
        await two.ExchangeAsync();
        Assert.Equal(await Leaves(one), await two.CountAsync("SELECT checkpoint_size FROM log_mirrors WHERE source = 'coord-1'"));
    }

    [Fact]
    public async Task A_start_after_the_change_asks_the_witnesses_and_an_older_store_is_fetched_back_over_it()
    {
        var (one, two, three) = await FederationAsync();
        await using var _ = one;
        await using var __ = two;
        await using var ___ = three;
        await one.RotateAsync();
        await ExchangeAsync(one, two, three);
        using var copy = await one.BackUpAsync();
        Assert.Null(one.Hold.Held);
        await one.GrowAsync(3);
        await ExchangeAsync(one, two, three);
        var size = await Leaves(one);
        await one.RestoreAsync(copy);
        await one.StartAsync();
        Assert.Null(one.Hold.Held);
        Assert.Equal(size + 1, await Leaves(one));
    }

    [Fact]
    public async Task A_store_of_before_the_change_with_the_key_folder_of_after_it_is_fetched_back_too()
    {
        var (one, two, three) = await FederationAsync();
        await using var _ = one;
        await using var __ = two;
        await using var ___ = three;
        using var copy = await one.BackUpAsync();
        await one.RotateAsync();
        await one.GrowAsync(2);
        await ExchangeAsync(one, two, three);
        var (key, folder) = (one.Identity.Key.PublicKey, await one.KeysAsync());
        await one.RestoreAsync(copy);
        await one.PutKeysAsync(folder);
        await one.StartAsync();
        Assert.Null(one.Hold.Held);
        Assert.Equal((key, 2), (one.Identity.Key.PublicKey, one.Identity.Chain!.Statements.Count));
        await one.GrowAsync(1);
        Assert.Null(one.Check(NoteKey.Of("edgecoder/coord-1", NoteKeyType.Ed25519, one.Key.PublicKey)).Finding);
    }

    [Fact]
    public async Task A_store_and_key_folder_of_before_the_change_do_not_sign_another_history()
    {
        var (one, two, three) = await FederationAsync();
        await using var _ = one;
        await using var __ = two;
        await using var ___ = three;
        using var copy = await one.BackUpAsync();
        await one.RotateAsync();
        await one.GrowAsync(2);
        await ExchangeAsync(one, two, three);
        await one.RestoreAsync(copy);
        var refusal = await Assert.ThrowsAsync<LogRefusedException>(one.StartAsync);
        Assert.Equal(LogRefusedException.KeyMissing, refusal.Code);
    }

    public static TheoryData<string> Wrong =>
    [
        "no statements", "only new", "only old", "other coordinator", "other old key", "far future", "far past", "announcement alone", "rolled back", "long overlap",
    ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Nothing_else_changes_a_key(string what)
    {
        var (one, two, three) = await FederationAsync();
        await using var _ = one;
        await using var __ = two;
        await using var ___ = three;
        if (what == "rolled back")
        {
            await one.RotateAsync();
            await ExchangeAsync(one, two, three);
            _time.Advance(TimeSpan.FromHours(49));
        }

        var before = await RowsAsync(two);
        using var thief = SigningKey.Generate();
        var statements = Statements(what, one, thief).Select(Convert.ToBase64String).ToList();
        var refusal = await Assert.ThrowsAsync<Refusal>(() => two.Services.GetRequiredService<PeerKeyChanges>().ToldAsync("coord-1", statements, Stop));
        Assert.Equal((422, "key_rotation_refused"), (refusal.Status, refusal.Error));
        Assert.Equal(before, await RowsAsync(two));
        Assert.Equal(2, (await two.Services.GetRequiredService<PeerDirectory>().ActiveAsync(Stop)).Count);
    }

    [Fact]
    public async Task A_replayed_statement_changes_nothing_and_a_key_without_one_has_no_say()
    {
        var (one, two, three) = await FederationAsync();
        await using var _ = one;
        await using var __ = two;
        await using var ___ = three;
        await one.RotateAsync();
        var statements = one.Identity.Chain!.Texts();
        var changes = two.Services.GetRequiredService<PeerKeyChanges>();
        Assert.Equal(one.Identity.Key.PublicKey.KeyId, await changes.ToldAsync("coord-1", statements, Stop));
        var before = await RowsAsync(two);
        Assert.Equal(one.Identity.Key.PublicKey.KeyId, await changes.ToldAsync("coord-1", statements, Stop));
        Assert.Equal(before, await RowsAsync(two));

        // A shorter chain, of before the change, does not lead back.
        await Assert.ThrowsAsync<Refusal>(() => changes.ToldAsync("coord-1", [statements[0]], Stop));
        await Assert.ThrowsAsync<Refusal>(() => changes.ToldAsync("coord-9", statements, Stop));
        Assert.Equal(before, await RowsAsync(two));

        // An operator's word needs the pinned key's id.
        using var thief = SigningKey.Generate();
        var desk = two.Services.GetRequiredService<PeerDesk>();
        var refusal = await Assert.ThrowsAsync<Refusal>(() => desk.ApproveAsync(new("coord-1", thief.PublicKey.Pem, TestNetwork.UrlOf("coord-1"), null, null), "op-1", Stop));
        Assert.Equal("peer_key_mismatch", refusal.Error);
    }

    private List<byte[]> Statements(string what, RunningPeer one, SigningKey thief)
    {
        var announced = one.Identity.Chain!.Statements[0].Bytes;
        var (day, old) = ((long)TimeSpan.FromDays(1).TotalMilliseconds, one.Key);
        return what switch
        {
            "no statements" => [],
            "only new" => [announced, Resigned(SignedKeyStatement.Change("coord-1", old, thief, NowMs), one: true)],
            "only old" => [announced, Resigned(SignedKeyStatement.Change("coord-1", old, thief, NowMs), one: false)],
            "other coordinator" => [announced, SignedKeyStatement.Change("coord-3", old, thief, NowMs).Bytes],
            "other old key" => [announced, SignedKeyStatement.Change("coord-1", thief, old, NowMs).Bytes],
            "far future" => [announced, SignedKeyStatement.Change("coord-1", old, thief, NowMs + day).Bytes],
            "far past" => [SignedKeyStatement.Announce("coord-1", old, NowMs - (9 * day)).Bytes, SignedKeyStatement.Change("coord-1", old, thief, NowMs - (8 * day)).Bytes],
            "announcement alone" => [SignedKeyStatement.Announce("coord-1", thief, NowMs).Bytes],
            "rolled back" => [announced, SignedKeyStatement.Change("coord-1", old, thief, NowMs).Bytes],
            _ => [announced, SignedKeyStatement.Sign("coord-1", old, thief, NowMs + 1, NowMs + (3 * day)).Bytes],
        };
    }

    // One of the two signatures in the place of the other.
    private static byte[] Resigned(SignedKeyStatement signed, bool one)
    {
        var (old, now) = (signed.Statement.OldSignature!, signed.Statement.Signature!);
        var text = System.Text.Encoding.UTF8.GetString(signed.Bytes);
        return System.Text.Encoding.UTF8.GetBytes(one ? text.Replace(old, now, StringComparison.Ordinal) : text.Replace(now, old, StringComparison.Ordinal));
    }

    private async Task<(RunningPeer One, RunningPeer Two, RunningPeer Three)> FederationAsync()
    {
        var all = await RunningPeer.FederationAsync(_network, _time, "coord-1", "coord-2", "coord-3");
        await ExchangeAsync(all);
        return (all[0], all[1], all[2]);
    }

    private static async Task ExchangeAsync(params RunningPeer[] all)
    {
        foreach (var one in all)
        {
            await one.ExchangeAsync();
        }
    }

    private static Task<string> RowsAsync(RunningPeer peer) =>
        peer.TextAsync("SELECT group_concat(peer_id || key_id || from_ms || ':' || coalesce(until_ms, 'open'), ' ') FROM (SELECT * FROM peer_keys ORDER BY peer_id, key_id)");

    private static async Task<long> Leaves(RunningPeer peer) => (await peer.LeavesAsync()).Count;
}
