using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace EdgeCoder.Coordinator.Leases;

/// <summary>
/// What this process has just written or read and is about to need again, by id, the newest so many. Rows decide: whoever uses it makes its change conditional
/// on what it remembers still being so, and reads the rows when it is not.
/// </summary>
/// <param name="most">Entries that are kept.</param>
internal sealed class Remembered<T>(int most)
    where T : class
{
    private readonly ConcurrentDictionary<string, T> _entries = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _order = new();

    /// <summary>Remembers; the oldest is forgotten when there are too many.</summary>
    public void Put(string id, T entry)
    {
        _entries[id] = entry;
        _order.Enqueue(id);
        while (_order.Count > most && _order.TryDequeue(out var oldest))
        {
            _entries.TryRemove(oldest, out _);
        }
    }

    /// <summary>Looks.</summary>
    public bool TryGet(string id, [NotNullWhen(true)] out T? entry) => _entries.TryGetValue(id, out entry);

    /// <summary>Takes it out.</summary>
    public bool TryTake(string id, [NotNullWhen(true)] out T? entry) => _entries.TryRemove(id, out entry);
}
