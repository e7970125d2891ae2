using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using EdgeCoder.Agent.Git;

namespace EdgeCoder.Agent.Workers;

/// <summary>
/// Reports that are signed and not answered yet, in files (coordinator-and-mesh 4.5, 10). A report is on the disk before it is posted for the first time; a second
/// one for the same lease is never made, also after a restart; one that is refused for good is filed with its reason and holds up nothing.
/// May be used by several threads of one process.
/// </summary>
public sealed class ResultOutbox
{
    /// <summary>How long it is remembered that a lease was answered; longer than any lease lasts.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromDays(7);

    private readonly string _waiting;
    private readonly string _filed;
    private readonly string _blobs;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, StoredResult> _results = new(StringComparer.Ordinal);
    private readonly Lock _storing = new();

    /// <summary>Opens an outbox and reads what waits in it. A file that is not whole is set aside as <c>.bad</c>.</summary>
    /// <param name="directory">Its directory; made for the owner alone.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    public ResultOutbox(string directory, TimeProvider time)
    {
        (_waiting, _filed, _blobs, _time) = (Path.Combine(directory, "waiting"), Path.Combine(directory, "filed"), Path.Combine(directory, "blobs"), time);
        foreach (var folder in (ReadOnlySpan<string>)[directory, _waiting, _filed, _blobs])
        {
            OwnerOnly.CreateDirectory(folder);
        }

        Load();
        Forget();
    }

    /// <summary>What waits, the oldest first.</summary>
    public IReadOnlyList<StoredResult> Waiting => [.. _results.Values.OrderBy(result => result.SignedAtMs).ThenBy(result => result.LeaseId, StringComparer.Ordinal)];

    /// <summary>Called after a report was stored.</summary>
    public event Action? Stored;

    /// <summary>Whether a report was signed for this lease, now or before.</summary>
    public bool Knows(string leaseId) => _results.ContainsKey(leaseId) || File.Exists(FiledPath(leaseId));

    /// <summary>Keeps a blob until the reports that name it are answered; gives its SHA-256.</summary>
    public string Put(ReadOnlySpan<byte> content)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(content));
        if (!File.Exists(BlobPath(digest)))
        {
            OwnerOnly.Replace(BlobPath(digest), content);
        }

        return digest;
    }

    /// <summary>Reads a kept blob.</summary>
    public Stream OpenBlob(string digest) => new FileStream(BlobPath(digest), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);

    /// <summary>
    /// Makes and stores the report of a lease, unless there is one: then that one stays and <paramref name="sign"/> is not called. When this returns the report
    /// is on the disk. Null when the lease was answered already.
    /// </summary>
    public StoredResult? Store(string leaseId, Func<StoredResult> sign)
    {
        lock (_storing)
        {
            if (_results.TryGetValue(leaseId, out var known))
            {
                return known;
            }

            if (File.Exists(FiledPath(leaseId)))
            {
                return null;
            }

            var result = sign();
            OwnerOnly.Replace(WaitingPath(leaseId), JsonSerializer.SerializeToUtf8Bytes(result, OutboxJson.Default.StoredResult));
            _results[leaseId] = result;
            Stored?.Invoke();
            return result;
        }
    }

    /// <summary>Files a report as answered: taken, or refused for good with <paramref name="refusal"/>.</summary>
    public void Close(StoredResult result, string? refusal, string? detail)
    {
        lock (_storing)
        {
            var filed = new FiledResult(result.LeaseId, result.SubtaskId, _time.GetUtcNow().ToUnixTimeMilliseconds(), refusal, detail);
            OwnerOnly.Replace(FiledPath(result.LeaseId), JsonSerializer.SerializeToUtf8Bytes(filed, OutboxJson.Default.FiledResult));
            File.Delete(WaitingPath(result.LeaseId));
            _results.TryRemove(result.LeaseId, out _);
            foreach (var digest in result.Blobs.Where(digest => _results.Values.All(other => !other.Blobs.Contains(digest))))
            {
                File.Delete(BlobPath(digest));
            }
        }
    }

    /// <summary>How a lease was answered; null while it is not.</summary>
    public FiledResult? Filed(string leaseId) => File.Exists(FiledPath(leaseId)) ? JsonSerializer.Deserialize(File.ReadAllBytes(FiledPath(leaseId)), OutboxJson.Default.FiledResult) : null;

    private void Load()
    {
        foreach (var path in Directory.EnumerateFiles(_waiting, "*.json"))
        {
            try
            {
                var result = JsonSerializer.Deserialize(File.ReadAllBytes(path), OutboxJson.Default.StoredResult)!;
                if (File.Exists(FiledPath(result.LeaseId)))
                {
                    // The process was killed between filing and deleting.
                    File.Delete(path);
                }
                else
                {
                    _results[result.LeaseId] = result;
                }
            }
            catch (Exception fault) when (fault is JsonException or NullReferenceException)
            {
                File.Move(path, path + ".bad", overwrite: true);
            }
        }
    }

    private void Forget()
    {
        var oldest = (_time.GetUtcNow() - Remembered).UtcDateTime;
        foreach (var path in Directory.EnumerateFiles(_filed).Concat(Directory.EnumerateFiles(_blobs)).Where(path => File.GetLastWriteTimeUtc(path) < oldest).ToList())
        {
            if (_results.Values.All(result => !result.Blobs.Contains(Path.GetFileName(path))))
            {
                File.Delete(path);
            }
        }
    }

    private string WaitingPath(string leaseId) => Path.Combine(_waiting, Name(leaseId) + ".json");

    private string FiledPath(string leaseId) => Path.Combine(_filed, Name(leaseId) + ".json");

    private string BlobPath(string digest) => Path.Combine(_blobs, digest);

    // A lease id comes from another machine, and file systems differ in what letters they tell apart.
    private static string Name(string leaseId) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(leaseId)))[..32];
}
