using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Ledger.Anchors;

namespace EdgeCoder.AnchorProxy.Broadcasts;

/// <summary>
/// Transactions that were signed, one file for each payload, whole or not there, on the disk before anything is sent: whatever dies afterwards, the same payload is sent with
/// the same bytes, and never paid for twice (economy-and-ledger 13.3, 13.5). One process uses a directory; calls come one after the other.
/// </summary>
internal sealed class SignedAnchors
{
    private const string Ending = ".json";

    private readonly string _directory;

    /// <summary>Opens the directory; made when missing, for its owner only.</summary>
    public SignedAnchors(string dataDirectory)
    {
        _directory = Path.Combine(dataDirectory, "signed");
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(_directory);
        }
        else
        {
            Directory.CreateDirectory(_directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>What was signed for a payload; null when nothing was.</summary>
    /// <exception cref="IOException">The file is there and cannot be read: signing again could pay twice.</exception>
    public StoredAnchor? Find(string dataHex) => File.Exists(PathOf(dataHex)) ? Read(PathOf(dataHex)) : null;

    /// <summary>What was signed and never taken by the node, oldest first.</summary>
    public IReadOnlyList<StoredAnchor> Unsent() =>
        [.. Directory.EnumerateFiles(_directory, "*" + Ending).Select(Read).Where(stored => !stored.WasTaken).OrderBy(stored => stored.SignedAtMs).ThenBy(stored => stored.DataHex, StringComparer.Ordinal)];

    /// <summary>Writes one, in the place of what was there.</summary>
    public void Keep(StoredAnchor stored)
    {
        var path = PathOf(stored.DataHex);
        var next = path + ".next";
        using (var file = new FileStream(next, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            JsonSerializer.Serialize(file, stored, StoredAnchorJson.Default.StoredAnchor);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }

    /// <summary>Forgets one that can never be taken.</summary>
    public void Forget(string dataHex) => File.Delete(PathOf(dataHex));

    /// <summary>Forgets those that were taken and signed before a time.</summary>
    public void ForgetTakenBefore(long beforeMs)
    {
        foreach (var stored in Directory.EnumerateFiles(_directory, "*" + Ending).Select(Read).Where(stored => stored.WasTaken && stored.SignedAtMs < beforeMs).ToList())
        {
            Forget(stored.DataHex);
        }
    }

    // At most 80 bytes, so at most 160 characters of hex.
    private string PathOf(string dataHex) => Path.Combine(_directory, dataHex + Ending);

    private static StoredAnchor Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), StoredAnchorJson.Default.StoredAnchor) is { } stored && stored.DataHex + Ending == Path.GetFileName(path) ? stored : throw new JsonException();
        }
        catch (JsonException fault)
        {
            throw new IOException($"{path} is damaged. Look in the wallet whether its payload was sent, then remove the file.", fault);
        }
    }
}

/// <summary>A signed transaction as it is kept.</summary>
/// <param name="DataHex">What it carries, hex.</param>
/// <param name="Txid">Its id.</param>
/// <param name="RawHex">Its bytes, hex.</param>
/// <param name="SignedAtMs">When it was signed.</param>
/// <param name="WasTaken">Whether the node has taken it once.</param>
internal sealed record StoredAnchor(string DataHex, string Txid, string RawHex, long SignedAtMs, bool WasTaken)
{
    /// <summary>As it is sent.</summary>
    public SignedAnchor Signed => new(Txid, RawHex);
}

/// <summary>Form of the files.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(StoredAnchor))]
internal sealed partial class StoredAnchorJson : JsonSerializerContext;
