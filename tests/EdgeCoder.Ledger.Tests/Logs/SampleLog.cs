using System.Text;
using System.Text.Json;
using EdgeCoder.Ledger.Logs;
using EdgeCoder.Ledger.Notes;
using EdgeCoder.Ledger.Receipts;
using EdgeCoder.Ledger.Records;
using EdgeCoder.Ledger.Tiles;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Rotations;
using EdgeCoder.TestKit.Files;

namespace EdgeCoder.Ledger.Tests.Logs;

/// <summary>A log of a coordinator of the test, in files.</summary>
internal sealed class SampleLog : IDisposable
{
    private const string Peer = "coord-test";
    private readonly TemporaryDirectory _directory = new();
    private string _prevHash = OrderingRecord.Genesis;

    public SampleLog(SigningKey? key = null) => Key = key ?? SigningKey.Generate();

    /// <summary>Its key.</summary>
    public SigningKey Key { get; }

    /// <summary>Its files.</summary>
    public TileFolder Folder => new(_directory.Path);

    /// <summary>Where they are.</summary>
    public string Directory => _directory.Path;

    /// <summary>What a record says, by its place; null: a claim without words.</summary>
    public Func<long, (string EventType, JsonElement Payload)?>? Says { get; init; }

    /// <summary>Leaves so far.</summary>
    public List<RecordLeaf> Leaves { get; } = [];

    /// <summary>Its key, as a reader trusts it.</summary>
    public TrustedKeys Trust => new([NoteKey.Of(Checkpoint.OriginOf(Peer), NoteKeyType.Ed25519, Key.PublicKey)], 0);

    /// <summary>A log of so many records, written at once.</summary>
    public static SampleLog Of(int size)
    {
        var log = new SampleLog();
        log.Append(size);
        return log;
    }

    /// <summary>Makes the next records, each signed, without writing them.</summary>
    public List<RecordLeaf> Next(int count)
    {
        var made = new List<RecordLeaf>();
        for (var n = 0; n < count; n++)
        {
            var sequence = Leaves.Count + 1;
            var said = Says?.Invoke(sequence);
            var leaf = RecordLeaf.Sign(
                new()
                {
                    V = 1,
                    Id = $"00000000-0000-4000-8000-{sequence:D12}",
                    EventType = sequence == 1 ? KeyAnnouncement.EventType : said?.EventType ?? "task_claim",
                    TaskId = "t-1",
                    ActorId = "worker-a",
                    Sequence = sequence,
                    IssuedAtMs = 1_700_000_000_000 + sequence,
                    PrevHash = _prevHash,
                    CoordinatorId = Peer,
                    PayloadJson = sequence == 1 ? JsonElement.Parse(SignedKeyStatement.Announce(Peer, Key, 1_700_000_000_000).Bytes) : said?.Payload,
                },
                Key);
            _prevHash = leaf.Hash;
            Leaves.Add(leaf);
            made.Add(leaf);
        }

        return made;
    }

    /// <summary>Appends records and writes the checkpoint.</summary>
    public void Append(int count)
    {
        var writer = TileWriter.Open(Folder, Leaves.Count, durable: false);
        writer.Append(Next(count).Select(leaf => leaf.Bytes));
        WriteCheckpoint(writer.Size, writer.Root);
    }

    /// <summary>Signs a checkpoint.</summary>
    public void WriteCheckpoint(long size, byte[] root, SigningKey? by = null)
    {
        var checkpoint = new Checkpoint(Checkpoint.OriginOf(Peer), size, root);
        var note = new SignedNote(checkpoint.Text, [NoteSignature.Sign(checkpoint.Text, checkpoint.Origin, by ?? Key)]);
        Folder.Write(TileFolder.CheckpointPath, Encoding.UTF8.GetBytes(note.ToString()), durable: false);
    }

    /// <summary>Every file of it, by its path below the folder.</summary>
    public IReadOnlyList<string> Files() => [.. System.IO.Directory.GetFiles(Directory, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Directory, file)).Order(StringComparer.Ordinal)];

    public void Dispose()
    {
        _directory.Dispose();
        Key.Dispose();
    }
}
