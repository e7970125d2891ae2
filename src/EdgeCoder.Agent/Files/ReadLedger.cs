using System.Security.Cryptography;
using EdgeCoder.Agent.Roots;

namespace EdgeCoder.Agent.Files;

/// <summary>
/// What one session has seen of files: by content, so that a file that was changed since then is noticed however it was done, and one that was only touched
/// is not. May be used by several threads.
/// </summary>
internal sealed class ReadLedger
{
    private readonly Dictionary<string, Seen> _files = [];
    private readonly Lock _lock = new();

    /// <summary>Notes that lines of a content were shown.</summary>
    /// <param name="path">Real path.</param>
    /// <param name="content">The whole content.</param>
    /// <param name="first">First line shown, from 1.</param>
    /// <param name="count">How many.</param>
    /// <param name="total">How many lines there are.</param>
    public void NoteRead(ProjectPath path, ReadOnlySpan<byte> content, int first, int count, int total)
    {
        var hash = SHA256.HashData(content);
        lock (_lock)
        {
            if (!_files.TryGetValue(path.Value, out var seen) || !seen.Hash.AsSpan().SequenceEqual(hash))
            {
                _files[path.Value] = seen = new(hash, new bool[total]);
            }

            seen.Lines.AsSpan(Math.Min(first - 1, seen.Lines.Length), Math.Clamp(count, 0, Math.Max(0, seen.Lines.Length - first + 1))).Fill(true);
        }
    }

    /// <summary>Notes what the session wrote itself: it knows that, and of the rest of the file what it knew before.</summary>
    /// <param name="path">Real path.</param>
    /// <param name="content">The whole content now.</param>
    /// <param name="whole">Whether the session knows all of it.</param>
    public void NoteWritten(ProjectPath path, ReadOnlySpan<byte> content, bool whole)
    {
        lock (_lock)
        {
            var known = whole || (_files.TryGetValue(path.Value, out var seen) && Array.TrueForAll(seen.Lines, line => line));
            _files[path.Value] = new(SHA256.HashData(content), known ? [] : [false]);
        }
    }

    /// <summary>Forgets a file that is gone.</summary>
    public void Forget(ProjectPath path)
    {
        lock (_lock)
        {
            _files.Remove(path.Value);
        }
    }

    /// <summary>Forgets everything: the tree was put back to another state.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _files.Clear();
        }
    }

    /// <summary>What the session knows of a content.</summary>
    public ReadState Of(ProjectPath path, ReadOnlySpan<byte> content)
    {
        var hash = SHA256.HashData(content);
        lock (_lock)
        {
            return !_files.TryGetValue(path.Value, out var seen) ? ReadState.Unread
                : !seen.Hash.AsSpan().SequenceEqual(hash) ? ReadState.Changed
                : Array.TrueForAll(seen.Lines, line => line) ? ReadState.Whole : ReadState.Part;
        }
    }

    private sealed record Seen(byte[] Hash, bool[] Lines);
}

/// <summary>What a session knows of a file as it is now.</summary>
internal enum ReadState
{
    /// <summary>Nothing.</summary>
    Unread,

    /// <summary>Some of its lines.</summary>
    Part,

    /// <summary>All of it.</summary>
    Whole,

    /// <summary>It was another content.</summary>
    Changed,
}
