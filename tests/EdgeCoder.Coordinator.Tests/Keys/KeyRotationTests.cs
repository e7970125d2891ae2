using EdgeCoder.Coordinator.Keys;
using EdgeCoder.Coordinator.Log;
using EdgeCoder.Coordinator.SecurityEvents;
using EdgeCoder.Coordinator.Tests.Log;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Logs;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Protocol.Keys;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace EdgeCoder.Coordinator.Tests.Keys;

/// <summary>The coordinator's own key changes by a statement in its log, and wherever the process ends meanwhile, one key signs afterwards (economy-and-ledger 16, F16).</summary>
public sealed class KeyRotationTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_change_is_a_leaf_of_the_old_key_and_what_follows_is_signed_by_the_new_one()
    {
        await using var log = await RunningLog.StartAsync();
        await log.WriteAsync(2);
        var changed = await RotateAsync(log);
        await log.WriteAsync(2);
        await log.SettleAsync();

        var leaves = await log.LeavesAsync();
        var statement = leaves.FindIndex(1, leaf => leaf.Record.EventType == KeyAnnouncement.EventType);
        Assert.Equal((3, 6), (statement, leaves.Count));
        Assert.All(leaves.Take(4), leaf => Assert.True(leaf.IsSignedBy(log.Key.PublicKey)));
        Assert.All(leaves.Skip(4), leaf => Assert.True(leaf.IsSignedBy(log.Identity.Key.PublicKey)));
        Assert.Equal((log.Key.PublicKey.KeyId, log.Identity.Key.PublicKey.KeyId), (changed.OldKeyId, changed.NewKeyId));
        Assert.Equal(ReceiptStanding.Proven, log.Check().Standing);
        Assert.Equal(1, await log.CountAsync("SELECT COUNT(*) FROM security_events WHERE event = 'key_rotation'"));
    }

    [Fact]
    public async Task Checkpoints_have_both_signatures_for_48_hours_and_then_the_old_key_is_gone()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000));
        await using var log = await RunningLog.StartAsync(time: time);
        await RotateAsync(log);
        await log.SettleAsync();
        Assert.Equal(2, (await NoteAsync(log)).Signatures.Count);

        time.Advance(TimeSpan.FromHours(47));
        await KeepAsync(log);
        await log.WriteAsync(1);
        await log.SettleAsync();
        Assert.Equal(2, (await NoteAsync(log)).Signatures.Count);
        Assert.Contains("previousKey", KeyFile(log), StringComparison.Ordinal);

        time.Advance(TimeSpan.FromHours(2));
        await KeepAsync(log);
        await log.WriteAsync(1);
        await log.SettleAsync();
        var note = await NoteAsync(log);
        Assert.True(note.IsSignedBy(NoteKey.Of("edgecoder/" + RunningLog.Peer, NoteKeyType.Ed25519, log.Identity.Key.PublicKey)));
        Assert.Single(note.Signatures);
        Assert.DoesNotContain("previousKey", KeyFile(log), StringComparison.Ordinal);
        Assert.Equal(ReceiptStanding.Proven, log.Check().Standing);
    }

    [Theory]
    [InlineData(nameof(KeyStep.Made), false)]
    [InlineData(nameof(KeyStep.Announced), true)]
    [InlineData(nameof(KeyStep.Promoted), true)]
    public async Task Wherever_the_process_ends_one_key_signs_after_the_start(string step, bool isChanged)
    {
        var fault = new InvalidOperationException("The process ends here.");
        await using var log = await RunningLog.StartAsync(keys: new() { At = at => { if (at.ToString() == step) { throw fault; } } });
        await log.WriteAsync(3);
        Assert.Same(fault, await Assert.ThrowsAsync<InvalidOperationException>(() => RotateAsync(log)));

        // The process after it, and one more: nothing changes by starting.
        for (var start = 0; start < 2; start++)
        {
            await using var again = log.Again();
            await again.OpenAsync();
            await again.WriteAsync(1);
            await again.SettleAsync();
            Assert.Equal(isChanged, !again.Identity.Key.PublicKey.Equals(log.Key.PublicKey));
            Assert.True((await again.LeavesAsync())[^1].IsSignedBy(again.Identity.Key.PublicKey));
            Assert.Equal(isChanged ? 2 : 1, again.Identity.Chain!.Statements.Count);
            Assert.Equal(ReceiptStanding.Proven, again.Check().Standing);
        }

        // And it can be changed again.
        await using var last = log.Again();
        await last.OpenAsync();
        await RotateAsync(last);
        await last.WriteAsync(1);
        await last.SettleAsync();
        Assert.Equal(isChanged ? 3 : 2, last.Identity.Chain!.Statements.Count);
        Assert.Equal(ReceiptStanding.Proven, last.Check().Standing);
    }

    [Theory]
    [InlineData(nameof(LogStep.Signed))]
    [InlineData(nameof(LogStep.Stored))]
    [InlineData(nameof(LogStep.Tiled))]
    [InlineData(nameof(LogStep.Checkpointed))]
    public async Task A_change_whose_leaf_was_interrupted_is_ended_by_the_next_start(string step)
    {
        var armed = false;
        await using var log = await RunningLog.StartAsync(at: at => { if (armed && at.ToString() == step) { throw new InvalidOperationException("The process ends here."); } });
        await log.WriteAsync(2);
        await RotateAsync(log);
        armed = true;
        await log.WriteAsync(2);
        await Assert.ThrowsAsync<InvalidOperationException>(log.SettleAsync);

        await using var again = log.Again();
        await again.OpenAsync();
        Assert.Equal(6, (await again.LeavesAsync()).Count);
        Assert.True((await again.LeavesAsync())[^1].IsSignedBy(again.Identity.Key.PublicKey));
        Assert.Equal(ReceiptStanding.Proven, again.Check().Standing);
    }

    [Fact]
    public async Task Secrets_of_leases_outlive_the_change_and_a_restart()
    {
        await using var log = await RunningLog.StartAsync();
        var before = log.Identity.LeaseSeed;
        await RotateAsync(log);
        Assert.Equal(before, log.Identity.LeaseSeed);
        await log.SettleAsync();
        await RotateAsync(log);
        await using var again = log.Again();
        Assert.Equal(before, again.Identity.LeaseSeed);
    }

    [Fact]
    public async Task An_old_key_folder_does_not_start_and_a_newer_one_than_the_store_neither()
    {
        await using var log = await RunningLog.StartAsync();
        var old = KeyFile(log);
        await RotateAsync(log);
        await log.SettleAsync();
        var now = KeyFile(log);
        File.WriteAllText(KeyPath(log), old);
        await using var behind = log.Again();
        Assert.Equal(LogRefusedException.KeyMissing, (await Assert.ThrowsAsync<LogRefusedException>(behind.OpenAsync)).Code);

        // The store of before the change: neither its leaf nor its checkpoints are there.
        File.WriteAllText(KeyPath(log), now);
        File.Delete(Path.Combine(log.Folder, "checkpoint"));
        await log.Writer.WriteAsync(batch => batch.Execute("DELETE FROM log_leaves WHERE sequence > 1") + batch.Execute("DELETE FROM log_checkpoints WHERE size > 1"), Stop);
        await using var restored = log.Again();
        Assert.Equal(LogRefusedException.RollbackDetected, (await Assert.ThrowsAsync<LogRefusedException>(restored.OpenAsync)).Code);
    }

    [Fact]
    public async Task A_key_that_is_due_changes_by_itself_once()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000));
        await using var log = await RunningLog.StartAsync(time: time);
        time.Advance(TimeSpan.FromDays(76) - TimeSpan.FromMinutes(1));
        await KeepAsync(log);
        Assert.Single(log.Identity.Chain!.Statements);
        time.Advance(TimeSpan.FromMinutes(2));
        await KeepAsync(log);
        await log.SettleAsync();
        await KeepAsync(log);
        Assert.Equal(2, log.Identity.Chain!.Statements.Count);
        Assert.Equal(0, await log.CountAsync("SELECT COUNT(*) FROM security_events WHERE event <> 'key_rotation'"));
    }

    [Fact]
    public async Task A_key_that_cannot_be_changed_is_told_as_overdue_and_then_as_expired_once()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_000));
        await using var log = await RunningLog.StartAsync(time: time);
        log.Services.GetRequiredService<LogHold>().Hold(new("ledger_witnesses_unreachable", "They sleep."));
        time.Advance(TimeSpan.FromDays(77));
        await KeepAsync(log);
        await KeepAsync(log);
        Assert.Equal((1, 0), (await EventsAsync(log, "key_rotation_overdue"), await EventsAsync(log, "key_expired")));
        time.Advance(TimeSpan.FromDays(14));
        await KeepAsync(log);
        await KeepAsync(log);
        Assert.Equal((1, 1), (await EventsAsync(log, "key_rotation_overdue"), await EventsAsync(log, "key_expired")));
        Assert.Equal((SecurityLevel.Warn, SecurityLevel.Critical), (SecurityLevels.Of(SecurityEventKind.KeyRotationOverdue), SecurityLevels.Of(SecurityEventKind.KeyExpired)));
    }

    [Fact]
    public async Task A_key_of_the_settings_is_not_changed_and_a_reason_is_needed()
    {
        await using var log = await RunningLog.StartAsync();
        var rotation = log.Services.GetRequiredService<KeyRotation>();
        Assert.Equal(400, (await Assert.ThrowsAsync<Refusal>(() => rotation.AskedAsync(new(null), "op-1", Stop))).Status);
        Assert.Equal(400, (await Assert.ThrowsAsync<Refusal>(() => rotation.AskedAsync(new("  "), "op-1", Stop))).Status);
        using var given = CoordinatorIdentity.Load(new KeyFolder(log.Directory), "http://127.0.0.1:4301", RunningLog.Peer, log.Key.ToPem());
        Assert.False(given.CanRotate);
        Assert.DoesNotContain("nextKey", KeyFile(log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_silos_change_the_key_once_and_both_sign_with_the_new_one()
    {
        await using var one = await RunningLog.StartAsync(StoreKind.PostgreSql, shared: true);
        await using var two = one.Again(shared: true);
        await two.OpenAsync();
        var asked = await Task.WhenAll(Attempt(one), Attempt(two));
        Assert.Equal(1, asked.Count(changed => changed));

        await one.WriteAsync(1);
        await two.SettleAsync();
        await two.WriteAsync(1);
        await one.SettleAsync();
        await KeepAsync(one);
        await KeepAsync(two);
        Assert.Equal(one.Identity.Key.PublicKey, two.Identity.Key.PublicKey);
        Assert.NotEqual(one.Key.PublicKey, two.Identity.Key.PublicKey);
        var leaves = await one.LeavesAsync();
        Assert.Equal(2, leaves.Count(leaf => leaf.Record.EventType == KeyAnnouncement.EventType));
        Assert.All(leaves.Skip(leaves.FindLastIndex(leaf => leaf.Record.EventType == KeyAnnouncement.EventType) + 1), leaf => Assert.True(leaf.IsSignedBy(two.Identity.Key.PublicKey)));
        Assert.True(leaves[^1].IsSignedBy(two.Identity.Key.PublicKey));

        static async Task<bool> Attempt(RunningLog silo)
        {
            try
            {
                await RotateAsync(silo);
                return true;
            }
            catch (Refusal refusal) when (refusal.Error is "key_rotation_running" or "key_rotation_waiting")
            {
                return false;
            }
        }
    }

    private static Task<KeyRotated> RotateAsync(RunningLog log) => log.Services.GetRequiredService<KeyRotation>().AskedAsync(new("planned"), "op-1", Stop);

    private static Task KeepAsync(RunningLog log) => log.Services.GetRequiredService<KeyKeeper>().RunAsync(Stop);

    private static Task<long> EventsAsync(RunningLog log, string name) => log.CountAsync($"SELECT COUNT(*) FROM security_events WHERE event = '{name}'");

    private static string KeyPath(RunningLog log) => Path.Combine(log.Directory, "keys", "coordinator.key");

    private static string KeyFile(RunningLog log) => File.ReadAllText(KeyPath(log));

    private static async Task<SignedNote> NoteAsync(RunningLog log) => SignedNote.TryParse(await log.Proofs.CheckpointAsync(Stop), out var note) ? note : throw new InvalidDataException();
}
