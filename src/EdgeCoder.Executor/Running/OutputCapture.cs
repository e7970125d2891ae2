using System.Text;

namespace EdgeCoder.Executor.Running;

/// <summary>
/// Keeps the head and the tail of a stream within a limit and counts the rest. Memory is bounded by the limit, whatever comes in:
/// head ⌊limit / 2⌋ bytes, tail the remaining ⌈limit / 2⌉.
/// </summary>
internal sealed class OutputCapture(int limit)
{
    private const int FirstRoom = 16 * 1024;

    private readonly int headRoom = limit / 2;
    private readonly int tailRoom = limit - (limit / 2);

    // They grow with what comes: most programs print little, and limits may be large.
    private byte[] head = [];
    private byte[] tail = [];
    private long total;

    /// <summary>Bytes that came in.</summary>
    public long Total => total;

    /// <summary>Bytes that were dropped between head and tail.</summary>
    public long Dropped => Math.Max(0, total - limit);

    /// <summary>Adds bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        if (total < headRoom)
        {
            var taken = (int)Math.Min(bytes.Length, headRoom - total);
            Grow(ref head, (int)total + taken, headRoom);
            bytes[..taken].CopyTo(head.AsSpan((int)total));
            total += taken;
            bytes = bytes[taken..];
        }

        if (bytes.Length > tailRoom)
        {
            total += bytes.Length - tailRoom;
            bytes = bytes[^tailRoom..];
        }

        while (!bytes.IsEmpty)
        {
            var at = (int)((total - headRoom) % tailRoom);
            var taken = Math.Min(bytes.Length, tailRoom - at);
            Grow(ref tail, at + taken, tailRoom);
            bytes[..taken].CopyTo(tail.AsSpan(at));
            total += taken;
            bytes = bytes[taken..];
        }
    }

    /// <summary>What was kept, in order: the head, then the tail. Where <see cref="Dropped"/> is 0 this is everything.</summary>
    public (byte[] Head, byte[] Tail) Kept()
    {
        if (total <= headRoom)
        {
            return (head[..(int)total], []);
        }

        var inTail = total - headRoom;
        if (inTail <= tailRoom)
        {
            return (head[..headRoom], tail[..(int)inTail]);
        }

        var at = (int)(inTail % tailRoom);
        return (head[..headRoom], [.. tail[at..tailRoom], .. tail[..at]]);
    }

    /// <summary>What was kept as UTF-8 text; what is not UTF-8 becomes U+FFFD. A cut is shown with its length.</summary>
    public string Text()
    {
        var (first, last) = Kept();
        return Dropped == 0
            ? Encoding.UTF8.GetString([.. first, .. last])
            : $"{Encoding.UTF8.GetString(WithoutCutEnd(first))}\n[… {Dropped} bytes dropped …]\n{Encoding.UTF8.GetString(WithoutCutStart(last))}";
    }

    private static void Grow(ref byte[] buffer, int needed, int most)
    {
        if (buffer.Length < needed)
        {
            Array.Resize(ref buffer, (int)Math.Min(most, Math.Max(needed, Math.Max(FirstRoom, 2L * buffer.Length))));
        }
    }

    // A character that was cut in two would otherwise show as garbage next to the mark.
    private static ReadOnlySpan<byte> WithoutCutEnd(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= Math.Min(3, bytes.Length); back++)
        {
            var lead = bytes[^back];
            var length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
            if (lead < 0x80 || lead >= 0xC0)
            {
                return length > back ? bytes[..^back] : bytes;
            }
        }

        return bytes;
    }

    private static ReadOnlySpan<byte> WithoutCutStart(ReadOnlySpan<byte> bytes)
    {
        var start = 0;
        while (start < Math.Min(3, bytes.Length) && (bytes[start] & 0xC0) == 0x80)
        {
            start++;
        }

        return bytes[start..];
    }
}
