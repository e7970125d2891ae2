using System.Security.Cryptography;
using System.Text.Json;
using EdgeCoder.Protocol.Keys;
using EdgeCoder.Protocol.Rotations;

namespace EdgeCoder.Inference.Service;

/// <summary>
/// The keys that trusted coordinators have changed to, in a file of this role (economy-and-ledger 16.2): what a coordinator has shown once counts after a restart too, so an ended key never counts again. The file
/// is replaced as a whole. What is read from it is checked like what a coordinator shows: a file that was changed by hand leads nowhere.
/// </summary>
internal sealed class FollowedKeys
{
    private readonly string _path;
    private readonly Lock _gate = new();
    private Dictionary<string, KeyChain> _chains = new(StringComparer.Ordinal);

    /// <summary>Opens the file; a chain that does not hold a key of the settings is left out. Throws <see cref="IOException"/> where it cannot be read.</summary>
    public FollowedKeys(string directory, IReadOnlyDictionary<string, VerifyingKey> trusted)
    {
        Directory.CreateDirectory(directory);
        _path = Path.Combine(directory, "followed-keys.json");
        if (!File.Exists(_path))
        {
            return;
        }

        Dictionary<string, IReadOnlyList<string>>? read;
        try
        {
            read = JsonSerializer.Deserialize(File.ReadAllBytes(_path), ServiceJson.Default.DictionaryStringIReadOnlyListString);
        }
        catch (JsonException)
        {
            read = null;
        }

        foreach (var (peerId, statements) in read ?? [])
        {
            if (trusted.TryGetValue(peerId, out var named) && statements is not null && KeyChain.TryRead(peerId, statements, out var chain) is null && chain!.Of(named) is not null)
            {
                _chains[peerId] = chain;
            }
        }
    }

    /// <summary>The chain that a coordinator has shown; null where it has shown none.</summary>
    public KeyChain? Of(string peerId) => Volatile.Read(ref _chains).GetValueOrDefault(peerId);

    /// <summary>Takes what a coordinator shows where that leads on from the key of the settings and from all that it has shown before. It is on the disk when this returns.</summary>
    public KeyChain? Take(string peerId, VerifyingKey named, string statements)
    {
        var known = Of(peerId);
        if (statements.Length == 0 || (known is not null && statements == string.Join(',', known.Texts())) || KeyChain.TryRead(peerId, statements.Split(','), out var shown) is not null || shown!.Of(named) is null)
        {
            return known;
        }

        lock (_gate)
        {
            known = Of(peerId);
            if (known is not null && (shown.Statements.Count <= known.Statements.Count || shown.Of(known.Newest) is null))
            {
                return known;
            }

            var chains = new Dictionary<string, KeyChain>(_chains, StringComparer.Ordinal) { [peerId] = shown };
            Write(chains);
            Volatile.Write(ref _chains, chains);
            return shown;
        }
    }

    private void Write(Dictionary<string, KeyChain> chains)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(chains.ToDictionary(one => one.Key, one => one.Value.Texts(), StringComparer.Ordinal), ServiceJson.Default.DictionaryStringIReadOnlyListString);
        var made = _path + "." + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var file = new FileStream(made, options))
        {
            file.Write(text);
            file.Flush(flushToDisk: true);
        }

        File.Move(made, _path, overwrite: true);
    }
}
