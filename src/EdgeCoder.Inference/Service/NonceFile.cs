using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EdgeCoder.Inference.Service;

/// <summary>
/// The nonces that were used, in a file of this role (agent-executor-models 5: durably). A nonce is on disk before its request is believed, so a replay
/// after a restart is still a replay. Lines are <c>expiry SP sha256</c>; a last line that a crash cut belongs to a request that was never believed.
/// </summary>
internal sealed class NonceFile : IDisposable
{
    private const int CompactAt = 4_096;

    private readonly string _path;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _used = new(StringComparer.Ordinal);
    private readonly FileStream _lock;
    private FileStream _file;
    private int _lines;

    /// <summary>Opens the file, alone. Throws <see cref="IOException"/> when another process has it.</summary>
    public NonceFile(string directory, long nowMs)
    {
        Directory.CreateDirectory(directory);
        _path = Path.Combine(directory, "inference-nonces");
        _lock = Open(_path + ".lock");
        _file = Open(_path);
        foreach (var line in ReadLines(_file))
        {
            if (line.Split(' ') is [var expiry, { Length: 64 } hash] && long.TryParse(expiry, NumberStyles.None, CultureInfo.InvariantCulture, out var until) && until > nowMs)
            {
                _used[hash] = until;
            }
        }

        Compact();
    }

    /// <summary>Whether this is the first use of a nonce by a key; it is then used, durably, until <paramref name="untilMs"/>.</summary>
    public bool TryUse(string keyId, string nonce, long nowMs, long untilMs)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{keyId}\n{nonce}")));
        lock (_gate)
        {
            if (_used.TryGetValue(hash, out var until) && until > nowMs)
            {
                return false;
            }

            if (_lines >= CompactAt && _lines > 2 * _used.Count)
            {
                Compact();
            }

            Append(_file, hash, untilMs);
            _file.Flush(flushToDisk: true);
            _used[hash] = untilMs;
            _lines++;
            if (_lines % CompactAt == 0)
            {
                foreach (var expired in _used.Where(entry => entry.Value <= nowMs).Select(entry => entry.Key).ToList())
                {
                    _used.Remove(expired);
                }
            }

            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _file.Dispose();
            _lock.Dispose();
        }
    }

    // The new file is whole and on disk before it takes the place of the old one.
    private void Compact()
    {
        using (var next = Open(_path + ".new"))
        {
            next.SetLength(0);
            foreach (var (hash, until) in _used)
            {
                Append(next, hash, until);
            }

            next.Flush(flushToDisk: true);
        }

        _file.Dispose();
        File.Move(_path + ".new", _path, overwrite: true);
        _file = Open(_path);
        _file.Seek(0, SeekOrigin.End);
        _lines = _used.Count;
    }

    private static void Append(FileStream file, string hash, long untilMs) => file.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{untilMs} {hash}\n")));

    private static FileStream Open(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    private static IEnumerable<string> ReadLines(FileStream file)
    {
        using var reader = new StreamReader(file, Encoding.ASCII, leaveOpen: true);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
