using EdgeCoder.Hosting.Problems;
using EdgeCoder.Hosting.Storage;
using Microsoft.EntityFrameworkCore;

namespace EdgeCoder.Hosting.Tests.Storage;

/// <summary>What every database must do for the writer.</summary>
public abstract class StoreWriterCompliance : IAsyncLifetime
{
    private const string Counts = "SELECT count(*) FROM samples";
    private const string Claim = "UPDATE samples SET state = $1 WHERE id = $2 AND state = $3";

    private StoreSettings _settings = null!;

    private protected StoreUnderTest Store { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _settings = await SettingsAsync();
        Store = new(_settings);
    }

    public async ValueTask DisposeAsync()
    {
        Store.Dispose();
        await RemoveAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Row_of_every_kind_of_column_reads_as_written_by_both_ways()
    {
        await Store.WriteAsync(b => b.Insert(new SampleRow { Id = "full", State = SampleState.InWork, DueMs = 7_000_000_000, Count = 3, Flag = true, Signed = [1, 0, 255], Order = "O'Neil $1 ☃" }));
        await Store.WriteAsync(b => b.Insert(new SampleRow { Id = "empty" }));

        await using var context = Store.Context();
        var full = await context.Set<SampleRow>().SingleAsync(r => r.Id == "full", TestContext.Current.CancellationToken);
        Assert.Equal((SampleState.InWork, 7_000_000_000, 3, true, "O'Neil $1 ☃"), (full.State, full.DueMs, full.Count, full.Flag, full.Order));
        Assert.Equal<byte>([1, 0, 255], full.Signed!);
        var read = await Store.WriteAsync(b => b.Query(
            "SELECT state, due_ms, count, flag, signed, \"order\" FROM samples ORDER BY id", r => (r.Enum<SampleState>(0), r.NumberOrNull(1), r.Number(2), r.Flag(3), r.BytesOrNull(4)?.Length, r.TextOrNull(5))));
        Assert.Equal([(SampleState.Ready, null, 0, false, null, null), (SampleState.InWork, 7_000_000_000, 3, true, 3, "O'Neil $1 ☃")], read);
    }

    [Fact]
    public async Task Write_that_is_answered_is_there_for_another_connection()
    {
        await Store.WriteAsync(b => b.Insert(new SampleRow { Id = "a" }));
        using var other = new StoreUnderTest(_settings);
        Assert.Equal([1], await other.WriteAsync(b => b.Query(Counts, r => r.Number(0))));
    }

    [Fact]
    public async Task Operations_behind_a_condition_happen_only_if_it_held()
    {
        await Store.WriteAsync(b => b.Insert(new SampleRow { Id = "taken" }));
        var answers = new List<Task<int>>();
        foreach (var id in new[] { "new", "taken", "also-new" })
        {
            // Else it would itself be behind the one before.
            OperationCondition.Current = null;
            OperationCondition.Current = new(Store.Writer, b => b.TryInsert(new SampleRow { Id = id }), () => new Refusal(401, "taken", "For the test."));
            answers.Add(Store.WriteAsync(b => b.Execute("UPDATE samples SET count = count + 1 WHERE id = $1", id)));
        }

        OperationCondition.Current = null;
        Assert.Equal((1, 1), (await answers[0], await answers[2]));
        Assert.Equal("taken", (await Assert.ThrowsAsync<Refusal>(() => answers[1])).Error);
        Assert.Equal(["also-new 1", "new 1", "taken 0"], await Store.WriteAsync(b => b.Query("SELECT id, count FROM samples ORDER BY id", r => $"{r.Text(0)} {r.Number(1)}")));
    }

    [Fact]
    public async Task Condition_holds_through_a_batch_that_runs_again_and_not_when_it_failed_itself()
    {
        // The first one fails after it wrote, so everything behind it in the batch runs a second time.
        var fails = Store.WriteAsync(b =>
        {
            b.Insert(new SampleRow { Id = "undone" });
            return Store is null ? 0 : throw new Refusal(409, "refused", "For the test.");
        });
        OperationCondition.Current = new(Store.Writer, b => b.TryInsert(new SampleRow { Id = "once" }), () => new Refusal(401, "taken", "For the test."));
        var behind = Store.WriteAsync(b => b.Execute("UPDATE samples SET count = count + 1 WHERE id = 'once'"));
        OperationCondition.Current = new(Store.Writer, b => b.Execute("INSERT INTO nowhere VALUES (1)") == 1, () => new Refusal(401, "taken", "For the test."));
        var broken = OperationCondition.Current.Holds;
        var behindBroken = Store.WriteAsync(b => b.Execute("UPDATE samples SET count = 7"));
        OperationCondition.Current = null;

        await Assert.ThrowsAsync<Refusal>(() => fails);
        Assert.Equal(1, await behind);
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => broken);
        Assert.Equal("taken", (await Assert.ThrowsAsync<Refusal>(() => behindBroken)).Error);
        Assert.Equal([1], await Store.WriteAsync(b => b.Query("SELECT count FROM samples", r => r.Number(0))));
    }

    [Fact]
    public async Task Rows_inserted_together_leave_those_alone_that_exist()
    {
        await Store.WriteAsync(b => b.Insert(new SampleRow { Id = "b", Count = 9 }));
        var inserted = await Store.WriteAsync(b => b.TryInsertAll(new SampleRow { Id = "a", DueMs = 5 }, new SampleRow { Id = "b" }, new SampleRow { Id = "c", Order = "", Signed = [] }));
        Assert.Equal(2, inserted);
        Assert.Equal(
            ["a 0 5 - -", "b 9 - - -", "c 0 -  0"],
            await Store.WriteAsync(b => b.Query(
                "SELECT id, count, due_ms, \"order\", signed FROM samples ORDER BY id",
                r => $"{r.Text(0)} {r.Number(1)} {r.NumberOrNull(2)?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "-"} {r.TextOrNull(3) ?? "-"} {r.BytesOrNull(4)?.Length.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "-"}")));
    }

    [Fact]
    public async Task Operation_that_throws_fails_alone_and_leaves_nothing()
    {
        var writes = Enumerable.Range(0, 100).Select(i => Store.WriteAsync(b =>
        {
            b.Insert(new SampleRow { Id = $"row-{i}" });
            return i % 10 == 3 ? throw new Refusal(409, "refused", "For the test.") : i;
        })).ToArray();

        await Task.WhenAll(writes.Where((_, i) => i % 10 != 3));
        foreach (var refused in writes.Where((_, i) => i % 10 == 3))
        {
            Assert.Equal("refused", (await Assert.ThrowsAsync<Refusal>(() => refused)).Error);
        }

        Assert.Equal([90], await Store.WriteAsync(b => b.Query(Counts, r => r.Number(0))));
    }

    [Fact]
    public async Task Statement_that_fails_fails_its_operation_even_when_that_hides_it()
    {
        await Store.WriteAsync(b => b.Insert(new SampleRow { Id = "taken" }));
        var writes = Enumerable.Range(0, 20).Select(i => Store.WriteAsync(b =>
        {
            b.Insert(new SampleRow { Id = $"row-{i}" });
            if (i == 7)
            {
                try
                {
                    b.Insert(new SampleRow { Id = "taken" });
                }
                catch (System.Data.Common.DbException)
                {
                }
            }

            return i;
        })).ToArray();

        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => writes[7]);
        await Task.WhenAll(writes.Where((_, i) => i != 7));
        Assert.Equal([20], await Store.WriteAsync(b => b.Query(Counts, r => r.Number(0))));
    }

    [Fact]
    public async Task Inserting_a_row_that_exists_says_so()
    {
        Assert.True(await Store.WriteAsync(b => b.TryInsert(new SampleRow { Id = "a", Count = 1 })));
        Assert.False(await Store.WriteAsync(b => b.TryInsert(new SampleRow { Id = "a", Count = 2 })));
        Assert.Equal([1], await Store.WriteAsync(b => b.Query("SELECT count FROM samples WHERE id = $1", r => r.Number(0), "a")));
    }

    [Fact]
    public async Task Conditional_updates_of_two_writers_succeed_once_for_each_row()
    {
        const int rows = 300;
        await Store.WriteAsync(b =>
        {
            for (var i = 0; i < rows; i++)
            {
                b.Insert(new SampleRow { Id = $"row-{i}" });
            }
        });
        using var other = new StoreUnderTest(_settings);

        // Opposite orders, so that row locks of plain transactions would lock each other out.
        var mine = Enumerable.Range(0, rows).Select(i => Store.WriteAsync(b => b.Execute(Claim, SampleState.InWork, $"row-{i}", SampleState.Ready)));
        var theirs = Enumerable.Range(0, rows).Reverse().Select(i => other.WriteAsync(b => b.Execute(Claim, SampleState.InWork, $"row-{i}", SampleState.Ready)));
        var won = await Task.WhenAll(mine.Concat(theirs));

        Assert.Equal(rows, won.Sum());
    }

    [Fact]
    public async Task Sum_that_two_writers_read_before_they_add_is_never_exceeded()
    {
        using var other = new StoreUnderTest(_settings);
        var spends = Enumerable.Range(0, 200).Select(i => (i % 2 == 0 ? Store : other).WriteAsync(b =>
        {
            var spent = b.Query("SELECT coalesce(sum(count), 0) FROM samples", r => r.Number(0))[0];
            if (spent + 10 > 500)
            {
                return 0;
            }

            b.Insert(new SampleRow { Id = $"spend-{i}", Count = 10 });
            return 10;
        }));

        Assert.Equal(500, (await Task.WhenAll(spends)).Sum());
        Assert.Equal([500], await Store.WriteAsync(b => b.Query("SELECT sum(count) FROM samples", r => r.Number(0))));
    }

    [Fact]
    public async Task Operations_run_in_the_order_they_were_given()
    {
        var writes = Enumerable.Range(0, 3_000).Select(i => Store.WriteAsync(b => b.Insert(new NumberedEntryRow { Text = $"{i}" }))).ToArray();
        await Task.WhenAll(writes);
        var texts = await Store.WriteAsync(b => b.Query("SELECT text FROM numbered_entries ORDER BY number", r => r.Text(0)));
        Assert.Equal(Enumerable.Range(0, 3_000).Select(i => $"{i}"), texts);
    }

    [Fact]
    public async Task Cancelled_caller_stops_waiting_and_the_others_go_on()
    {
        using var busy = new ManualResetEventSlim();
        using var cancellation = new CancellationTokenSource();
        var first = Store.WriteAsync(_ =>
        {
            busy.Wait();
            return 1;
        });
        var cancelled = Store.Writer.WriteAsync(b => b.TryInsert(new SampleRow { Id = "cancelled" }), cancellation.Token);
        var last = Store.WriteAsync(b => b.TryInsert(new SampleRow { Id = "last" }));

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        busy.Set();
        Assert.Equal(1, await first);
        Assert.True(await last);
        Assert.Equal(["last"], await Store.WriteAsync(b => b.Query("SELECT id FROM samples", r => r.Text(0))));
    }

    [Fact]
    public async Task Ten_thousand_operations_are_all_there()
    {
        var writes = Enumerable.Range(0, 10_000).Select(i => Store.WriteAsync(b => b.TryInsert(new SampleRow { Id = $"row-{i}", Count = i })));
        Assert.All(await Task.WhenAll(writes), Assert.True);
        Assert.Equal([(10_000, 49_995_000)], await Store.WriteAsync(b => b.Query("SELECT count(*), sum(count) FROM samples", r => (r.Number(0), r.Number(1)))));
    }

    [Fact]
    public async Task Callers_go_on_on_another_thread_than_the_writers()
    {
        var writer = await Store.WriteAsync(_ => Environment.CurrentManagedThreadId);
        var first = Store.WriteAsync(b => b.TryInsert(new SampleRow { Id = "a" }));
        var after = await first.ContinueWith(_ => Environment.CurrentManagedThreadId, TestContext.Current.CancellationToken, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        Assert.NotEqual(writer, after);
    }

    [Fact]
    public async Task Ending_commits_what_waits_and_refuses_what_comes_later()
    {
        var ending = new StoreUnderTest(_settings);
        var writer = ending.Writer;
        var writes = Enumerable.Range(0, 2_000).Select(i => ending.WriteAsync(b => b.TryInsert(new SampleRow { Id = $"row-{i}" }))).ToArray();
        ending.Dispose();

        Assert.All(await Task.WhenAll(writes), Assert.True);
        Assert.Equal([2_000], await Store.WriteAsync(b => b.Query(Counts, r => r.Number(0))));
        var late = await Assert.ThrowsAsync<Refusal>(() => writer.WriteAsync(_ => 1, TestContext.Current.CancellationToken));
        Assert.Equal((503, "storage_unavailable"), (late.Status, late.Error));
    }

    [Fact]
    public async Task Store_of_a_newer_program_is_refused_with_what_to_do()
    {
        await Store.WriteAsync(b => b.Execute("UPDATE store_schema SET version = $1", StoreSchema.Version + 1));
        var refusal = Assert.Throws<StoreRefusedException>(() => new StoreUnderTest(_settings));
        Assert.Contains("Start the newer program", refusal.Message, StringComparison.Ordinal);
        await Store.WriteAsync(b => b.Execute("UPDATE store_schema SET version = $1", StoreSchema.Version));
    }

    [Fact]
    public async Task Store_of_an_older_program_is_refused_with_what_to_do()
    {
        await Store.WriteAsync(b => b.Execute("UPDATE store_schema SET version = $1", StoreSchema.Version - 1));
        var refusal = Assert.Throws<StoreRefusedException>(() => new StoreUnderTest(_settings));
        Assert.Contains("Start the older program", refusal.Message, StringComparison.Ordinal);
        await Store.WriteAsync(b => b.Execute("UPDATE store_schema SET version = $1", StoreSchema.Version));
    }

    [Fact]
    public async Task Two_programs_that_start_at_once_make_one_schema()
    {
        var settings = await SettingsAsync();
        var stores = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => new StoreUnderTest(settings))));
        Assert.Equal([1], await stores[0].WriteAsync(b => b.Query("SELECT count(*) FROM store_schema", r => r.Number(0))));
        Array.ForEach(stores, s => s.Dispose());
    }

    /// <summary>An empty store.</summary>
    private protected abstract Task<StoreSettings> SettingsAsync();

    /// <summary>Takes it away.</summary>
    private protected virtual ValueTask RemoveAsync() => ValueTask.CompletedTask;
}
