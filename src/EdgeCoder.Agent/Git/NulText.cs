using System.Buffers;

namespace EdgeCoder.Agent.Git;

/// <summary>Lists whose parts each end with a NUL: git's <c>-z</c> formats, the only ones in which every name survives.</summary>
internal static class NulText
{
    /// <summary>The parts; a last one without a NUL counts too.</summary>
    public static IReadOnlyList<byte[]> Split(ReadOnlySpan<byte> text)
    {
        var parts = new List<byte[]>();
        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)0);
            parts.Add((end < 0 ? text : text[..end]).ToArray());
            text = end < 0 ? [] : text[(end + 1)..];
        }

        return parts;
    }

    /// <summary>The parts joined, a NUL after each.</summary>
    public static byte[] Join(IEnumerable<byte[]> parts)
    {
        var text = new ArrayBufferWriter<byte>();
        foreach (var part in parts)
        {
            text.Write<byte>(part);
            text.Write("\0"u8);
        }

        return text.WrittenSpan.ToArray();
    }
}
