using EdgeCoder.Hosting.Identity;
using EdgeCoder.Hosting.Storage;
using EdgeCoder.Ledger.Notes;

namespace EdgeCoder.Coordinator.Log;

/// <summary>
/// Signs checkpoints (economy-and-ledger 9.4) and knows the newest: 1. the tiles reach the log's end; 2. the note is signed and stored, unless another silo has
/// stored one meanwhile, with both keys while the key is being changed; 3. it is published. A reader who has the checkpoint finds every tile that it names.
/// </summary>
internal sealed class LogCheckpoints(LogRows rows, LogTree tree, IStoreWriter writer, CoordinatorIdentity identity, TimeProvider time, LogOptions options)
{
    private Published? _newest;

    /// <summary>What has been published; null before the start.</summary>
    public Published? Newest => Volatile.Read(ref _newest);

    /// <summary>What has been published by any silo: with a store of its own the answer is in memory.</summary>
    public async ValueTask<Published> NewestAsync(CancellationToken cancellationToken)
    {
        var known = Newest;
        if (known is not null && !options.Shared)
        {
            return known;
        }

        return await rows.NewestAsync(cancellationToken).ConfigureAwait(false) is { } note ? await AdoptAsync(note, cancellationToken).ConfigureAwait(false)
            : throw new Hosting.Problems.Refusal(503, "log_not_ready", "The log has no checkpoint yet. Try again in a second.") { RetryAfter = 1 };
    }

    /// <summary>Signs a checkpoint of everything that is in the log, if it has grown. Gives whether it did.</summary>
    public async Task<bool> MakeAsync(CancellationToken cancellationToken)
    {
        var head = await rows.HeadAsync(cancellationToken).ConfigureAwait(false);
        if (head.Size <= (Newest?.Checkpoint.Size ?? 0))
        {
            return false;
        }

        // 1.
        var checkpoint = new Checkpoint(rows.Origin, head.Size, await tree.RootAsync(head.Size, cancellationToken).ConfigureAwait(false));
        options.At(LogStep.Tiled);

        // 2.
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var note = new SignedNote(checkpoint.Text, [.. identity.Signers(nowMs).Select(key => NoteSignature.Sign(checkpoint.Text, rows.Origin, key))]);
        var stored = await writer.WriteAsync(
            batch =>
            {
                if (batch.Query("SELECT note FROM log_checkpoints WHERE origin = $1 AND size >= $2 ORDER BY size DESC LIMIT 1", row => row.Text(0), rows.Origin, checkpoint.Size) is [var other])
                {
                    return other;
                }

                batch.Insert(new LogCheckpointRow { Origin = rows.Origin, Size = checkpoint.Size, CheckpointHash = checkpoint.Hash, Note = note.ToString(), AtMs = nowMs });
                return note.ToString();
            },
            cancellationToken).ConfigureAwait(false);
        options.At(LogStep.Checkpointed);

        // 3.
        await AdoptAsync(SignedNote.TryParse(stored, out var kept) ? kept : note, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Publishes a stored checkpoint. Throws <see cref="LogRefusedException"/> when it is not of these rows.</summary>
    public async Task<Published> AdoptAsync(SignedNote note, CancellationToken cancellationToken)
    {
        if (!Checkpoint.TryParse(note.Text, out var checkpoint) || checkpoint.Origin != rows.Origin)
        {
            throw LogRows.Broken(1);
        }

        if (Newest is { } known && known.Checkpoint.Size >= checkpoint.Size)
        {
            return known;
        }

        if (!(await tree.RootAsync(checkpoint.Size, cancellationToken).ConfigureAwait(false)).AsSpan().SequenceEqual(checkpoint.Root))
        {
            throw LogRows.Broken(checkpoint.Size);
        }

        tree.Publish(note);
        var published = new Published(checkpoint, note);
        Volatile.Write(ref _newest, published);
        return published;
    }
}

/// <summary>A checkpoint that readers see.</summary>
/// <param name="Checkpoint">What it says.</param>
/// <param name="Note">As it is signed.</param>
internal sealed record Published(Checkpoint Checkpoint, SignedNote Note);
