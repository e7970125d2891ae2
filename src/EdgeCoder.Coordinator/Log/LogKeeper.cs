using EdgeCoder.Coordinator.Queue;
using EdgeCoder.Coordinator.Witnesses;
using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Logs;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Tiles;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;

namespace EdgeCoder.Coordinator.Log;

/// <summary>
/// Keeps the log (economy-and-ledger 9) behind the requests: at the start it is checked, then events become leaves as they come and checkpoints follow. With a
/// shared store the silo that has the log's grain does it for all; two that believe so at once do no harm, because every append is a compare-and-set.
/// </summary>
internal sealed partial class LogKeeper(
    LogRows rows, LogTree tree, LogAppender appender, LogCheckpoints checkpoints, LogHold hold, RollbackCheck rollback, LogBreaks breaks, IStoreWatch watch, CoordinatorIdentity identity, TimeProvider time, LogOptions options,
    IGrainFactory? grains, ILogger<LogKeeper> logger) : BackgroundService
{
    // Events of one moment share a transaction.
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Often = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly Pulse _written = new();
    private readonly Pulse _work = new();
    private long _checkpointed;
    private bool _begun;

    /// <summary>There may be work here.</summary>
    public void Wake() => _work.Beat();

    /// <summary>
    /// Checks the log before anything is answered: 1. its key is this coordinator's; 2. no newer checkpoint was signed than the store knows; 3. rows, tiles and checkpoint
    /// are one; 4. its witnesses have seen no more of it: else it is held, and nothing is signed until that is right. A new log begins with the record of its key.
    /// </summary>
    /// <exception cref="LogRefusedException">Nothing may be signed with this log.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await OpenAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (LogRefusedException fault) when (fault.Code == LogRefusedException.ChainBreak)
        {
            await breaks.NoteAsync(cancellationToken).ConfigureAwait(false);
            throw;
        }

        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        // 1.
        var head = await rows.HeadAsync(cancellationToken).ConfigureAwait(false);
        if (head.Size > 0)
        {
            CheckKey(await rows.LeavesAsync(1, 1, cancellationToken).ConfigureAwait(false));
        }

        // 2.
        var note = await rows.NewestAsync(cancellationToken).ConfigureAwait(false);
        var newest = note is not null && note.IsSignedBy(rows.Key) && Checkpoint.TryParse(note.Text, out var read) && read.Origin == rows.Origin ? read : null;
        if (note is not null && newest is null)
        {
            throw new LogRefusedException(LogRefusedException.ChainBreak, "The newest checkpoint in the store is not signed by this coordinator's key (ledger_chain_break). Restore the store from a backup.");
        }

        CheckRollback(newest?.Size ?? 0);

        // 3.
        await tree.OpenAsync(newest, head, cancellationToken).ConfigureAwait(false);
        if (note is not null)
        {
            await checkpoints.AdoptAsync(note, cancellationToken).ConfigureAwait(false);
        }

        // 4.
        await rollback.RunAsync(cancellationToken).ConfigureAwait(false);
        await SettleAsync(cancellationToken).ConfigureAwait(false);
        watch.Watch<LogEventRow>(grains is null ? _work.Beat : _written.Beat);
    }

    /// <summary>Appends everything that waits now and signs a checkpoint of it.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!await MayAsync(cancellationToken).ConfigureAwait(false))
            {
                return;
            }

            while (await appender.AppendAsync(cancellationToken).ConfigureAwait(false) > 0)
            {
            }

            await checkpoints.MakeAsync(cancellationToken).ConfigureAwait(false);
            _checkpointed = time.GetTimestamp();
        }
        finally
        {
            _one.Release();
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _one.Dispose();
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        grains is null ? KeepAsync(stoppingToken) : Task.WhenAll(KeepAsync(stoppingToken), CallAsync(grains, stoppingToken));

    // Several silos: whoever wrote tells the one that keeps the log; and so does everybody now and then, because that one may be gone.
    private async Task CallAsync(IGrainFactory factory, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var next = _written.Next;
            try
            {
                await factory.GetGrain<ILogGrain>(0).WakeAsync().ConfigureAwait(false);
                await Task.Delay(Gather, time, stoppingToken).ConfigureAwait(false);
                await Pulse.WaitAsync(next, Often, time, stoppingToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
            }
            catch (Exception fault)
            {
                LogNoGrain(fault);
                await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task KeepAsync(CancellationToken stoppingToken)
    {
        var next = _work.Next;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var left = await KeepOnceAsync(stoppingToken).ConfigureAwait(false);
                if (left is { } wait)
                {
                    await Pulse.WaitAsync(next, wait, time, stoppingToken).ConfigureAwait(false);
                }
                else
                {
                    await next.WaitAsync(stoppingToken).ConfigureAwait(false);
                }

                await Task.Delay(Gather, time, stoppingToken).ConfigureAwait(false);
                next = _work.Next;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
            }
            catch (Exception fault)
            {
                LogFailed(fault);
                await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // Gives how long until the next checkpoint is due; null when the newest covers everything.
    private async Task<TimeSpan?> KeepOnceAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!await MayAsync(cancellationToken).ConfigureAwait(false))
            {
                return null;
            }

            var appended = 0;
            for (int taken; (taken = await appender.AppendAsync(cancellationToken).ConfigureAwait(false)) > 0 && !IsDue();)
            {
                appended += taken;
            }

            var head = appended > 0 || !options.Shared ? await rows.HeadAsync(cancellationToken).ConfigureAwait(false) : null;
            if (head is not null && head.Size == checkpoints.Newest?.Checkpoint.Size)
            {
                return null;
            }

            if (!IsDue())
            {
                return options.CheckpointInterval - time.GetElapsedTime(_checkpointed);
            }

            if (await checkpoints.MakeAsync(cancellationToken).ConfigureAwait(false))
            {
                _checkpointed = time.GetTimestamp();
                return TimeSpan.Zero;
            }

            return null;
        }
        finally
        {
            _one.Release();
        }
    }

    // What is held is not signed. The first record comes before every other.
    private async Task<bool> MayAsync(CancellationToken cancellationToken)
    {
        if (hold.Held is null && !_begun)
        {
            await appender.BeginAsync(await rows.HeadAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            _begun = true;
        }

        return hold.Held is null;
    }

    private bool IsDue() => time.GetElapsedTime(_checkpointed) >= options.CheckpointInterval;

    private void CheckKey(List<byte[]> first)
    {
        if (first is not [var bytes] || RecordLeaf.TryRead(bytes, out var leaf) is not null || KeyAnnouncement.Of(leaf!.Record) is not { } announced)
        {
            throw LogRows.Broken(1);
        }

        if (!announced.Equals(identity.Key.PublicKey))
        {
            throw new LogRefusedException(
                LogRefusedException.KeyMissing,
                $"The log in the store is signed with the key {announced.KeyId}, and the data directory holds {identity.Key.PublicKey.KeyId} (ledger_key_missing). Restore keys/coordinator.key from a backup: a log keeps its key, and a second one would be another coordinator.");
        }
    }

    // Whoever asked for a checkpoint may have it: a store that knows less must not sign another history.
    private void CheckRollback(long size)
    {
        if (tree.Folder.Read(TileFolder.CheckpointPath) is { } file && SignedNote.TryParse(System.Text.Encoding.UTF8.GetString(file), out var note) && note.IsSignedBy(rows.Key)
            && Checkpoint.TryParse(note.Text, out var signed) && signed.Origin == rows.Origin && signed.Size > size)
        {
            throw new LogRefusedException(
                LogRefusedException.RollbackDetected,
                $"A checkpoint of {signed.Size} records was signed, and the newest in the store is of {size} (ledger_rollback_detected): an older store was restored. Restore the newest one; nothing is signed with this.");
        }
    }

    [LoggerMessage(LogLevel.Error, "Keeping the log failed; it is tried again. Events wait in the store meanwhile")]
    private partial void LogFailed(Exception fault);

    [LoggerMessage(LogLevel.Warning, "The silo that keeps the log did not answer; it is called again")]
    private partial void LogNoGrain(Exception fault);
}
