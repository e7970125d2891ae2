using System.Text.Json;
using EdgeCoder.Ledger.Logs;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Tiles;
using EdgeCoder.Ledger.Trees;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Rotations;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Ledger.Tests.Rotations;

/// <summary>A log whose key changes: each rotation is a day after the record before it, so that periods overlap.</summary>
internal sealed class RotatedLog : IDisposable
{
    public const string Peer = "coord-test";
    public const long DayMs = 86_400_000;
    private const long StartMs = 1_700_000_000_000;
    private readonly TemporaryDirectory _directory = new();
    private readonly List<RecordLeaf> _leaves = [];
    private readonly List<byte[]> _statements = [];

    public RotatedLog(int rotations = 1)
    {
        Keys = [.. Enumerable.Range(0, rotations + 1).Select(_ => SigningKey.Generate())];
        Announce(SignedKeyStatement.Announce(Peer, Keys[0], NowMs), Keys[0]);
        Add(Keys[0]);
        for (var at = 1; at <= rotations; at++)
        {
            NowMs += DayMs;
            Announce(SignedKeyStatement.Change(Peer, Keys[at - 1], Keys[at], NowMs), Keys[at - 1]);
            Add(Keys[at]);
        }
    }

    public List<SigningKey> Keys { get; }

    public long NowMs { get; set; } = StartMs;

    public IReadOnlyList<string> Statements => [.. _statements.Select(Convert.ToBase64String)];

    public TileFolder Folder => new(_directory.Path);

    /// <summary>Trust in some of its keys.</summary>
    public TrustedKeys Trust(params int[] keys) => new([.. keys.Select(at => NoteKey.Of(Checkpoint.OriginOf(Peer), NoteKeyType.Ed25519, Keys[at].PublicKey))], 0);

    /// <summary>Appends a record that a key has signed and gives its sequence.</summary>
    public long Add(SigningKey by, string eventType = "task_claim", byte[]? payload = null)
    {
        _leaves.Add(RecordLeaf.Sign(
            new()
            {
                V = 1,
                Id = $"00000000-0000-4000-8000-{_leaves.Count + 1:D12}",
                EventType = eventType,
                TaskId = "t-1",
                ActorId = "worker-a",
                Sequence = _leaves.Count + 1,
                IssuedAtMs = NowMs,
                PrevHash = _leaves is [.., var last] ? last.Hash : OrderingRecord.Genesis,
                CoordinatorId = Peer,
                PayloadJson = payload is null ? null : JsonElement.Parse(payload),
            },
            by));
        return _leaves.Count;
    }

    /// <summary>Appends a statement, signed by the key that counts at that place.</summary>
    public void Announce(SignedKeyStatement statement, SigningKey by)
    {
        _statements.Add(statement.Bytes);
        Add(by, KeyAnnouncement.EventType, statement.Bytes);
    }

    /// <summary>Writes everything, with a checkpoint of some keys.</summary>
    public RotatedLog Written(params SigningKey[] by)
    {
        var writer = TileWriter.Open(Folder, 0, durable: false);
        writer.Append(_leaves.Select(leaf => leaf.Bytes));
        Folder.Write(TileFolder.CheckpointPath, System.Text.Encoding.UTF8.GetBytes(Note(writer.Size, by).ToString()), durable: false);
        return this;
    }

    /// <summary>A receipt for a record, under a checkpoint of some keys, with the statements.</summary>
    public ReceiptFile Receipt(long sequence, params SigningKey[] by) => new()
    {
        V = 1,
        Type = ReceiptFile.TypeName,
        Leaf = Convert.ToBase64String(_leaves[(int)sequence - 1].Bytes),
        LeafIndex = sequence - 1,
        TreeSize = _leaves.Count,
        InclusionProof = [.. InclusionProof.Make(Written(by).Hashes, sequence - 1, _leaves.Count).Select(Convert.ToHexStringLower)],
        Checkpoint = Note(_leaves.Count, by).ToString(),
        Keys = [new(Checkpoint.OriginOf(Peer), NoteKey.Of(Checkpoint.OriginOf(Peer), NoteKeyType.Ed25519, by[0].PublicKey).ToString())],
        Rotations = [new(Peer, Statements)],
    };

    public void Dispose()
    {
        _directory.Dispose();
        Keys.ForEach(key => key.Dispose());
    }

    private TileHashes Hashes => new(Folder, _leaves.Count);

    private SignedNote Note(long size, SigningKey[] by)
    {
        var checkpoint = new Checkpoint(Checkpoint.OriginOf(Peer), size, SubtreeHash.RootOf(Hashes, size));
        return new(checkpoint.Text, [.. by.Select(key => NoteSignature.Sign(checkpoint.Text, checkpoint.Origin, key))]);
    }
}
