using System.Text;

namespace EdgeCoder.Agent.RepositoryMaps;

/// <summary>Each name once: most names of a tree occur in many files. For one thread.</summary>
internal sealed class NamePool
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    public NamePool() => _lookup = _names.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The name of these bytes; at most 80 of them.</summary>
    public string Of(ReadOnlySpan<byte> bytes)
    {
        Span<char> buffer = stackalloc char[128];
        var name = buffer[..Encoding.UTF8.GetChars(bytes, buffer)];
        if (_lookup.TryGetValue(name, out var known))
        {
            return known;
        }

        _lookup.Add(name);
        return _lookup.TryGetValue(name, out known) ? known : name.ToString();
    }
}
