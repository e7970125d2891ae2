using System.Diagnostics;
using System.Text;
using System.Text.Json;
using EdgeCoder.Ledger;
using EdgeCoder.Ledger.Logs;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Tiles;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Benchmarks.Ledger;

/// <summary>What somebody spends who believes nobody.</summary>
internal static class VerifyMeasurements
{
    private const int Times = 200;
    private const int Chunk = 4096;

    /// <summary>One receipt, from its bytes to the verdict; the median.</summary>
    public static async Task<Figure> ReceiptAsync()
    {
        await using var log = await MeasuredLog.StartAsync(TimeSpan.FromMilliseconds(50));
        await Task.WhenAll(Enumerable.Range(0, 2_000).Select(log.WriteAsync));
        while (log.Published < 2_001)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, CancellationToken.None);
        }

        var file = JsonSerializer.SerializeToUtf8Bytes((await log.Proofs.ReceiptsAsync("task-1000", CancellationToken.None)).Receipts[0], LedgerJson.Default.ReceiptFile);
        var trust = TrustedKeys.Parse(log.Identity.VerifierKey);
        var times = new List<double>(Times);
        for (var n = 0; n < Times; n++)
        {
            var started = Stopwatch.GetTimestamp();
            if (ReceiptVerifier.Check(file, trust).Standing != ReceiptStanding.Proven)
            {
                throw new InvalidOperationException("The receipt is not proven.");
            }

            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        var first = times[0];
        times.Sort();
        return new(times[Times / 2], new() { ["first"] = Math.Round(first, 3), ["max"] = Math.Round(times[^1], 3), ["bytes"] = file.Length });
    }

    /// <summary>A whole log in files: every record, signature, link and tile.</summary>
    public static Task<Figure> LogAsync(int leaves)
    {
        using var key = SigningKey.Generate();
        var directory = Directory.CreateTempSubdirectory("edgecoder-log-");
        try
        {
            var folder = new TileFolder(directory.FullName);
            var made = Stopwatch.StartNew();
            Write(folder, key, leaves);
            made.Stop();
            var trust = new TrustedKeys([NoteKey.Of("edgecoder/coord-bench", NoteKeyType.Ed25519, key.PublicKey)], 0);
            var watch = Stopwatch.StartNew();
            var verdict = LogVerifier.Check(folder, trust, null, CancellationToken.None);
            return verdict.Standing == ReceiptStanding.Proven
                ? Task.FromResult(new Figure(watch.Elapsed.TotalSeconds, new() { ["leaves"] = leaves, ["madeSeconds"] = Math.Round(made.Elapsed.TotalSeconds, 1) }))
                : throw new InvalidOperationException($"The log is not proven: {verdict.Finding}.");
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static void Write(TileFolder folder, SigningKey key, int leaves)
    {
        var tiles = TileWriter.Open(folder, 0, durable: false);
        var prevHash = OrderingRecord.Genesis;
        for (long sequence = 1; sequence <= leaves;)
        {
            var chunk = new List<byte[]>(Chunk);
            for (; chunk.Count < Chunk && sequence <= leaves; sequence++)
            {
                var leaf = RecordLeaf.Sign(
                    new()
                    {
                        V = OrderingRecord.Version,
                        Id = Guid.NewGuid().ToString("D"),
                        EventType = RecordTypes.TaskClaim,
                        TaskId = "task-1",
                        SubtaskId = "subtask-1",
                        ActorId = "worker-a",
                        Sequence = sequence,
                        IssuedAtMs = 1_700_000_000_000 + sequence,
                        PrevHash = prevHash,
                        CoordinatorId = "coord-bench",
                    },
                    key);
                prevHash = leaf.Hash;
                chunk.Add(leaf.Bytes);
            }

            tiles.Append(chunk);
        }

        var checkpoint = new Checkpoint("edgecoder/coord-bench", tiles.Size, tiles.Root);
        var note = new SignedNote(checkpoint.Text, [NoteSignature.Sign(checkpoint.Text, checkpoint.Origin, key)]);
        folder.Write(TileFolder.CheckpointPath, Encoding.UTF8.GetBytes(note.ToString()), durable: false);
    }
}
