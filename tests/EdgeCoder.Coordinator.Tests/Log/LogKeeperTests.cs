using EdgeCoder.Coordinator.Log;
using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Protocol.Keys;
using Microsoft.Data.Sqlite;

namespace EdgeCoder.Coordinator.Tests.Log;

/// <summary>Events become leaves once, whatever happens in between; a log that does not fit itself stops the coordinator (economy-and-ledger 9, 22 F15, F16).</summary>
public sealed class LogKeeperTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task Events_become_leaves_in_their_order_and_the_files_are_proven(StoreKind kind)
    {
        await using var log = await RunningLog.StartAsync(kind);
        await log.WriteAsync(300);
        await log.SettleAsync();
        await log.WriteAsync(300);
        await log.SettleAsync();

        var leaves = await log.LeavesAsync();
        Assert.Equal(RecordTypes.KeyRotation, leaves[0].Record.EventType);
        Assert.Equal([.. Enumerable.Range(0, 300), .. Enumerable.Range(0, 300)], leaves.Skip(1).Select(leaf => int.Parse(leaf.Record.SubtaskId![2..])));
        Assert.Equal(0, await log.CountAsync("SELECT COUNT(*) FROM log_events"));
        var verdict = log.Check();
        Assert.Equal((ReceiptStanding.Proven, null, 601), (verdict.Standing, verdict.Finding, verdict.VerifiedTo));
    }

    [Fact]
    public async Task A_log_that_does_not_grow_gets_no_checkpoint()
    {
        await using var log = await RunningLog.StartAsync();
        for (var tick = 0; tick < 12; tick++)
        {
            await log.SettleAsync();
        }

        Assert.Equal((1, 1), (await log.CountAsync("SELECT COUNT(*) FROM log_leaves"), await log.CountAsync("SELECT COUNT(*) FROM log_checkpoints")));
    }

    [Fact]
    public async Task Restart_continues_sequence_and_key()
    {
        await using var log = await RunningLog.StartAsync();
        await log.WriteAsync(5);
        await log.SettleAsync();
        await log.WriteAsync(5);
        await using var again = log.Again();
        await again.OpenAsync();
        Assert.Equal((ReceiptStanding.Proven, 11), (again.Check().Standing, again.Check().VerifiedTo));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_crash_at_any_step_loses_nothing_and_doubles_nothing(int step)
    {
        var armed = false;
        await using var log = await RunningLog.StartAsync(at: now =>
        {
            if (armed && (int)now == step)
            {
                throw new IOException("crash");
            }
        });
        await log.WriteAsync(20);
        await log.SettleAsync();
        await log.WriteAsync(300);
        armed = true;
        await Assert.ThrowsAsync<IOException>(log.SettleAsync);

        await using var again = log.Again();
        await again.OpenAsync();
        var verdict = again.Check();
        Assert.Equal((ReceiptStanding.Proven, null, 321), (verdict.Standing, verdict.Finding, verdict.VerifiedTo));
        Assert.Equal([.. Enumerable.Range(0, 20), .. Enumerable.Range(0, 300)], (await again.LeavesAsync()).Skip(1).Select(leaf => int.Parse(leaf.Record.SubtaskId![2..])));
    }

    [Theory]
    [InlineData(StoreKind.Sqlite)]
    [InlineData(StoreKind.PostgreSql)]
    public async Task Two_that_append_at_once_make_one_log(StoreKind kind)
    {
        await using var one = await RunningLog.StartAsync(kind);
        await using var other = one.Again();
        await other.OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 40).Select(async n =>
        {
            var log = n % 2 == 0 ? one : other;
            await log.WriteAsync(5, $"t-{n}");
            await log.SettleAsync();
        }));
        await one.SettleAsync();
        await other.SettleAsync();

        var leaves = await one.LeavesAsync();
        Assert.Equal(201, leaves.Count);
        Assert.Equal(200, leaves.Skip(1).Select(leaf => (leaf.Record.TaskId, leaf.Record.SubtaskId)).Distinct().Count());
        await using var third = one.Again();
        await third.OpenAsync();
        Assert.Equal((ReceiptStanding.Proven, 201), (third.Check().Standing, third.Check().VerifiedTo));
    }

    [Fact]
    public async Task Damaged_or_missing_tiles_are_made_anew()
    {
        await using var log = await RunningLog.StartAsync();
        await log.WriteAsync(300);
        await log.SettleAsync();
        foreach (var damage in new Action<string>[] { File.Delete, path => File.WriteAllBytes(path, [.. File.ReadAllBytes(path).Select(b => (byte)(b ^ 1))]) })
        {
            foreach (var file in Directory.GetFiles(Path.Combine(log.Folder, "tile"), "*", SearchOption.AllDirectories).Where(file => file.Contains("/tile/0/", StringComparison.Ordinal)))
            {
                damage(file);
            }

            await using var again = log.Again();
            await again.OpenAsync();
            Assert.Equal(ReceiptStanding.Proven, again.Check().Standing);
        }
    }

    [Theory]
    [InlineData("UPDATE log_leaves SET leaf = CAST(replace(CAST(leaf AS TEXT), 'worker-a', 'worker-b') AS BLOB) WHERE sequence = 7", LogRefusedException.ChainBreak)]
    [InlineData("DELETE FROM log_leaves WHERE sequence = 7", LogRefusedException.ChainBreak)]
    [InlineData("DELETE FROM log_leaves WHERE sequence > 7", LogRefusedException.ChainBreak)]
    [InlineData("UPDATE log_leaves SET leaf = CAST(replace(CAST(leaf AS TEXT), 'key_rotation', 'key_rotatiom') AS BLOB) WHERE sequence = 1", LogRefusedException.ChainBreak)]
    [InlineData("UPDATE log_checkpoints SET note = replace(note, 'edgecoder/coord-test', 'edgecoder/coord-else')", LogRefusedException.ChainBreak)]
    [InlineData("DELETE FROM log_leaves WHERE sequence > 1", LogRefusedException.RollbackDetected, "DELETE FROM log_checkpoints WHERE size > 1")]
    [InlineData("DELETE FROM log_leaves", LogRefusedException.RollbackDetected, "DELETE FROM log_checkpoints")]
    public async Task A_store_that_was_changed_stops_the_coordinator(string change, string code, string also = "SELECT 1")
    {
        await using var log = await RunningLog.StartAsync();
        await log.WriteAsync(20);
        await log.SettleAsync();
        Change(log, change);
        Change(log, also);

        await using var again = log.Again();
        Assert.Equal(code, (await Assert.ThrowsAsync<LogRefusedException>(again.OpenAsync)).Code);

        // A break is told, once however often the start is tried.
        Assert.Equal(code, (await Assert.ThrowsAsync<LogRefusedException>(again.OpenAsync)).Code);
        Assert.Equal(code == LogRefusedException.ChainBreak ? 1 : 0, await log.CountAsync("SELECT COUNT(*) FROM security_events WHERE event = 'ledger_chain_break'"));
    }

    [Fact]
    public async Task Another_key_signs_nothing_into_this_log()
    {
        using var other = SigningKey.Generate();
        await using var log = await RunningLog.StartAsync();
        await using var again = log.Again(other);
        Assert.Equal(LogRefusedException.KeyMissing, (await Assert.ThrowsAsync<LogRefusedException>(again.OpenAsync)).Code);
        Assert.Equal(1, await log.CountAsync("SELECT COUNT(*) FROM log_leaves"));
    }

    [Fact]
    public async Task What_is_not_for_a_log_is_refused_with_the_change_that_it_tells_of()
    {
        await using var log = await RunningLog.StartAsync();
        var refusal = await Assert.ThrowsAsync<Refusal>(() => log.Writer.WriteAsync(
            batch =>
            {
                LogOutbox.Append(batch, RecordTypes.TaskRequeue, "t-1", null, "worker-a", """{"reason":"ask ann@example.org"}""", 1);
                return true;
            },
            Stop));
        Assert.Equal((422, RecordRules.Error), (refusal.Status, refusal.Error));
    }

    [Fact]
    public async Task An_event_that_is_not_for_a_log_stays_behind_and_keeps_nobody_up()
    {
        await using var log = await RunningLog.StartAsync();
        await log.Writer.WriteAsync(
            batch =>
            {
                batch.Insert(new LogEventRow { EventType = RecordTypes.TaskClaim, TaskId = "t-1", ActorId = "worker-a", PayloadJson = """{"prompt":"x"}""", AtMs = 1 });
                return true;
            },
            Stop);
        await log.WriteAsync(3);
        await log.SettleAsync();
        Assert.Equal(4, (await log.LeavesAsync()).Count);
        Assert.Equal(1, await log.CountAsync("SELECT COUNT(*) FROM log_events WHERE refused = 'personal_data_refused'"));
    }

    [Fact]
    public async Task What_is_committed_is_appended_and_gets_a_checkpoint_without_being_asked_for()
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var checkpoints = 0;
        await using var log = await RunningLog.StartAsync(
            at: step =>
            {
                if (step == LogStep.Checkpointed && Interlocked.Increment(ref checkpoints) == 2)
                {
                    reached.TrySetResult();
                }
            },
            time: TimeProvider.System);
        await log.WriteAsync(10);
        await reached.Task.WaitAsync(Stop);
        Assert.Equal(11, await log.CountAsync("SELECT COUNT(*) FROM log_leaves"));
    }

    private static void Change(RunningLog log, string sql)
    {
        using var connection = new SqliteConnection(log.Store.ConnectionString);
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
