using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeCoder.Protocol.Identifiers;
using EdgeCoder.Protocol.Keys;

namespace EdgeCoder.Hosting.Identity;

/// <summary>
/// Private keys in the folder <c>keys</c> of the data directory (coordinator-and-mesh 2.1). A key is made once, belongs to the id it was made for, is
/// whole or not there, readable by the owner only, and read again at every start: no second key is ever made for an id, and no id gets another's key.
/// </summary>
/// <param name="dataDirectory">Absolute path.</param>
/// <param name="seal">Encrypts the files; null: they are readable by their owner.</param>
public sealed class KeyFolder(string dataDirectory, KeySeal? seal = null)
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerDirectory = OwnerFile | UnixFileMode.UserExecute;
    private const int SecretSize = 32;
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(10);

    private readonly string _directory = Path.Combine(dataDirectory, "keys");

    /// <summary>The Ed25519 key of an id; made at the first call.</summary>
    /// <param name="name">What the key is for, as <c>coordinator</c>; the name of its file.</param>
    /// <param name="ownerId">Peer or agent id.</param>
    /// <param name="given">PKCS#8 PEM from the settings; it must be the stored key, if there is one.</param>
    /// <exception cref="KeyRefusedException">The stored key belongs to another id, is damaged, readable by others, or is not the given one.</exception>
    public SigningKey SigningKey(string name, string ownerId, string? given = null) => Guard(name, () =>
    {
        var pem = Load(name, ownerId, () => given ?? NewSigningKey());
        var key = Protocol.Keys.SigningKey.FromPem(pem);
        if (given is not null)
        {
            using var other = Protocol.Keys.SigningKey.FromPem(given);
            if (!other.PublicKey.Equals(key.PublicKey))
            {
                key.Dispose();
                throw new KeyRefusedException($"The key of the settings is not the one that {ownerId} already has in {PathOf(name)}. Remove one of the two; a key changes only by rotation.");
            }
        }

        return key;
    });

    /// <summary>The keys of an id with what a change of them needs; made at the first call.</summary>
    /// <exception cref="KeyRefusedException">As for <see cref="SigningKey"/>.</exception>
    internal StoredKey Bundle(string name, string ownerId) => Guard(name, () => Opened(Stored(name, ownerId, NewSigningKey)));

    /// <summary>Changes what is stored of an id, at once and whole: whoever reads finds the one or the other. Null changes nothing. Gives what is stored then.</summary>
    /// <exception cref="KeyRefusedException">As for <see cref="SigningKey"/>.</exception>
    internal StoredKey Change(string name, string ownerId, Func<StoredKey, StoredKey?> change) => Guard(name, () =>
    {
        Stored(name, ownerId, NewSigningKey);
        using var only = Lock();
        var now = Opened(Stored(name, ownerId, NewSigningKey));
        if (change(now) is not { } next)
        {
            return now;
        }

        var unfinished = Unfinished(name, next);
        try
        {
            File.Move(unfinished, PathOf(name), overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }

        return next;
    });

    /// <summary>The X25519 key of an id; made at the first call.</summary>
    /// <exception cref="KeyRefusedException">As for <see cref="SigningKey"/>.</exception>
    public EnvelopeKey EnvelopeKey(string name, string ownerId) => Guard(name, () => Protocol.Keys.EnvelopeKey.FromBase64(Load(name, ownerId, NewEnvelopeKey)));

    /// <summary>32 random bytes of an id, for what is stored encrypted; made at the first call.</summary>
    /// <exception cref="KeyRefusedException">As for <see cref="SigningKey"/>.</exception>
    public byte[] Secret(string name, string ownerId) => Guard(name, () =>
        Base64Text.TryRead(Load(name, ownerId, () => Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretSize)))) is { Length: SecretSize } secret
            ? secret
            : throw new CryptographicException("That is no secret."));

    /// <summary>The id that a stored key belongs to; null when there is none.</summary>
    public string? OwnerOf(string name) => File.Exists(PathOf(name)) ? Guard(name, () => Read(name).OwnerId) : null;

    internal static string NewSigningKey()
    {
        using var key = Protocol.Keys.SigningKey.Generate();
        return key.ToPem();
    }

    private static string NewEnvelopeKey()
    {
        using var key = Protocol.Keys.EnvelopeKey.Generate();
        return key.ToBase64();
    }

    private T Guard<T>(string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception fault) when (fault is CryptographicException or JsonException or UnauthorizedAccessException)
        {
            throw new KeyRefusedException($"{PathOf(name)} cannot be read as a key. Restore it from a backup; without it this id cannot be used again, and a new id needs a new enrolment.");
        }
    }

    // A text that is no key is found while the fault can still name its file.
    private static StoredKey Opened(StoredKey stored)
    {
        foreach (var pem in new[] { stored.PrivateKey, stored.PreviousKey, stored.NextKey })
        {
            if (pem is not null)
            {
                Protocol.Keys.SigningKey.FromPem(pem).Dispose();
            }
        }

        return stored;
    }

    private string Load(string name, string ownerId, Func<string> make) => Stored(name, ownerId, make).PrivateKey;

    private StoredKey Stored(string name, string ownerId, Func<string> make)
    {
        if (!ClientId.IsValid(ownerId))
        {
            throw new KeyRefusedException("The id of this node has 3 to 128 of A-Z a-z 0-9 . _ : - and begins with a letter or digit. Correct the setting.");
        }

        if (!File.Exists(PathOf(name)))
        {
            Write(name, new(ownerId, make()));
        }

        var stored = Read(name);
        if (stored.OwnerId == ownerId && seal is not null && !KeySeal.TryRead(File.ReadAllBytes(PathOf(name)), out _))
        {
            // It lay open until now: what was written before it may still be on the disk.
            SealInPlace(name);
        }

        return stored.OwnerId == ownerId
            ? stored
            : throw new KeyRefusedException($"{PathOf(name)} holds the key of {stored.OwnerId}, but the settings say {ownerId}. Restore the settings, or move the file away to begin under a new id.");
    }

    private StoredKey Read(string name)
    {
        var path = PathOf(name);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnerFile) != 0)
        {
            throw new KeyRefusedException($"Others than its owner may read {path}. Run: chmod 600 {path}, and change the key if they did.");
        }

        return JsonSerializer.Deserialize(Opened(path, File.ReadAllBytes(path)), KeyFolderJson.Default.StoredKey) ?? throw new JsonException();
    }

    private byte[] Opened(string path, byte[] file)
    {
        if (!KeySeal.TryRead(file, out var read))
        {
            return file;
        }

        try
        {
            return (seal ?? throw new KeyRefusedException($"{path} is encrypted. Set KEY_STORE=file and KEY_STORE_PASSPHRASE, or KEY_STORE_PASSPHRASE_FILE, as when it was written.")).Open(read);
        }
        catch (Exception fault) when (fault is CryptographicException or FormatException)
        {
            throw new KeyRefusedException($"{path} does not open with this KEY_STORE_PASSPHRASE, or was changed. Give the passphrase with which it was written, or restore the file from a backup.");
        }
    }

    private void SealInPlace(string name)
    {
        using var only = Lock();
        var unfinished = Unfinished(name, Read(name));
        try
        {
            File.Move(unfinished, PathOf(name), overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>
    /// Written beside its place, brought to disk, then named, under a lock: whoever has it first has made the key, and all others read that one. The lock is
    /// needed because a move that must not replace a file asks first and renames then.
    /// </summary>
    private void Write(string name, StoredKey key)
    {
        var unfinished = Unfinished(name, key);
        try
        {
            using var only = Lock();
            if (!File.Exists(PathOf(name)))
            {
                File.Move(unfinished, PathOf(name), overwrite: false);
            }
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    private string Unfinished(string name, StoredKey key)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(_directory);
        }
        else
        {
            Directory.CreateDirectory(_directory, OwnerDirectory);
        }

        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerFile;
        }

        var unfinished = Path.Combine(_directory, $"{name}.{Guid.NewGuid():N}.new");
        using var file = new FileStream(unfinished, options);
        var text = JsonSerializer.SerializeToUtf8Bytes(key, KeyFolderJson.Default.StoredKey);
        file.Write(seal?.Seal(text) ?? text);
        file.Flush(flushToDisk: true);
        return unfinished;
    }

    // Held for a rename, and by nobody after the end of its process; so whoever waits long has another fault.
    private FileStream Lock()
    {
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(_directory + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (Stopwatch.GetElapsedTime(begun) < LockPatience)
            {
                Thread.Yield();
            }
        }
    }

    private string PathOf(string name) => Path.Combine(_directory, name + ".key");
}

/// <summary>A key as stored.</summary>
/// <param name="OwnerId">The id it was made for.</param>
/// <param name="PrivateKey">PKCS#8 PEM, or base64.</param>
/// <param name="PreviousKey">The signing key before it, while it still counts.</param>
/// <param name="NextKey">A signing key that is made and not announced, or announced and not promoted.</param>
/// <param name="LeaseSeed">32 bytes in base64 under which the secrets of leases are kept; null while they follow from the signing key.</param>
internal sealed record StoredKey(string OwnerId, string PrivateKey, string? PreviousKey = null, string? NextKey = null, string? LeaseSeed = null);

/// <summary>Form of the file.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StoredKey))]
internal sealed partial class KeyFolderJson : JsonSerializerContext;
