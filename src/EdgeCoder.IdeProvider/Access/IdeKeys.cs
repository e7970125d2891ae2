using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeCoder.Hosting.Credentials;
using EdgeCoder.Hosting.Problems;

namespace EdgeCoder.IdeProvider.Access;

/// <summary>
/// The personal API keys of this endpoint: hashes in <c>keys.json</c>, readable by the owner only, read again when the file changes, so that a key
/// that another process makes or revokes counts from the next request on. The first key is made at the first start and written to the file <c>key</c>,
/// which is the only place where it stands.
/// </summary>
public sealed class IdeKeys
{
    /// <summary>What every key begins with. A bearer text without it is no key of ours: clients want one even where none is needed.</summary>
    public const string Prefix = "ecide_";

    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _directory;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private (DateTime WrittenAt, long Size) _seen;
    private Dictionary<string, IdeKey> _byHash = [];

    private IdeKeys(string directory, TimeProvider time) => (_directory, _time) = (directory, time);

    /// <summary>File of the first key.</summary>
    public string FirstKeyFile => Path.Combine(_directory, "key");

    private string ListFile => Path.Combine(_directory, "keys.json");

    /// <summary>Opens them in a directory; the first call makes the first key.</summary>
    public static IdeKeys Open(string directory, string owner, TimeProvider time)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, OwnerFile | UnixFileMode.UserExecute);
        }

        var keys = new IdeKeys(directory, time);
        if (!File.Exists(keys.ListFile))
        {
            var key = NewKey();
            Write(keys.FirstKeyFile, stream => stream.Write(System.Text.Encoding.ASCII.GetBytes(key + "\n")));
            keys.Save([keys.Row(key, "first", owner, "mesh", [IdeKey.AnyModel], null, null, null)]);
        }

        return keys;
    }

    /// <summary>Makes a key and returns it; it is shown this once.</summary>
    public string Create(string name, string owner, string maxDataClass, IReadOnlyList<string>? models = null, int? requestsPerMinute = null, long? tokensPerDay = null, TimeSpan? life = null)
    {
        if (DataClasses.Parse(maxDataClass) is null)
        {
            throw new ArgumentException("The class is local, team or mesh.", nameof(maxDataClass));
        }

        lock (_gate)
        {
            var key = NewKey();
            Save([.. Load(), Row(key, name, owner, maxDataClass, models ?? [IdeKey.AnyModel], requestsPerMinute, tokensPerDay, life)]);
            return key;
        }
    }

    /// <summary>Ends a key by its id; false when there is none.</summary>
    public bool Revoke(string id)
    {
        lock (_gate)
        {
            var all = Load();
            var left = all.Where(key => key.Id != id).ToList();
            if (left.Count == all.Count)
            {
                return false;
            }

            Save(left);
            return true;
        }
    }

    /// <summary>Id, name, owner and widest class of every key, the oldest first.</summary>
    public IReadOnlyList<(string Id, string Name, string Owner, string MaxDataClass, long? ExpiresAtMs)> List()
    {
        lock (_gate)
        {
            return [.. Load().Select(key => (key.Id, key.Name, key.Owner, key.MaxDataClass, key.ExpiresAtMs))];
        }
    }

    /// <summary>The key behind a text; null for none, an unknown or an expired one. Found by its hash, which nobody can steer.</summary>
    internal IdeKey? Find(string text)
    {
        var file = new FileInfo(ListFile);
        lock (_gate)
        {
            if (!file.Exists)
            {
                return null; // Without its list no key is known; the address stays closed to what needs one.
            }

            if (_seen != (file.LastWriteTimeUtc, file.Length))
            {
                _byHash = Load().ToDictionary(key => key.Sha256, StringComparer.Ordinal);
                _seen = (file.LastWriteTimeUtc, file.Length);
            }

            return _byHash.GetValueOrDefault(SecretDigest.Hex(text)) is { } key && !(key.ExpiresAtMs <= _time.GetUtcNow().ToUnixTimeMilliseconds()) ? key : null;
        }
    }

    private static string NewKey() => Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    private IdeKey Row(string key, string name, string owner, string maxDataClass, IReadOnlyList<string> models, int? requestsPerMinute, long? tokensPerDay, TimeSpan? life)
    {
        var now = _time.GetUtcNow();
        return new()
        {
            Id = "k-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(5)),
            Name = name,
            Owner = owner,
            Sha256 = SecretDigest.Hex(key),
            MaxDataClass = maxDataClass,
            Models = models,
            RequestsPerMinute = requestsPerMinute,
            TokensPerDay = tokensPerDay,
            ExpiresAtMs = life is { } lasts ? (now + lasts).ToUnixTimeMilliseconds() : null,
            CreatedAtMs = now.ToUnixTimeMilliseconds(),
        };
    }

    private IReadOnlyList<IdeKey> Load()
    {
        try
        {
            using var file = File.OpenRead(ListFile);
            return JsonSerializer.Deserialize(file, AccessJson.Default.IdeKeyFile)?.Keys ?? throw new JsonException("keys.json holds no list.");
        }
        catch (Exception fault) when (fault is JsonException or IOException or UnauthorizedAccessException)
        {
            // Nobody's key can be told from another's: nothing is let in.
            throw new Refusal(503, "keys_unreadable", $"{ListFile} cannot be read as a list of keys. Restore it, or remove it with the file key beside it; the next start makes a first key.");
        }
    }

    private void Save(IReadOnlyList<IdeKey> keys) => Write(ListFile, stream => JsonSerializer.Serialize(stream, new IdeKeyFile(keys), AccessJson.Default.IdeKeyFile));

    /// <summary>Whole or not at all, and never readable by others, not for a moment.</summary>
    internal static void Write(string path, Action<Stream> write)
    {
        var beside = $"{path}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerFile;
        }

        using (var file = new FileStream(beside, options))
        {
            write(file);
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
    }
}
