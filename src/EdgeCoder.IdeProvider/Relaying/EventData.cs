using System.Text.Json;

namespace EdgeCoder.IdeProvider.Relaying;

/// <summary>What an event carries.</summary>
internal static class EventData
{
    /// <summary>
    /// The data of an event; empty for a comment or an event without. It stands in one line with this API; other lines (event, id, retry) say nothing that it
    /// knows. Throws <see cref="JsonException"/> for data in several lines.
    /// </summary>
    public static ReadOnlySpan<byte> Of(ReadOnlySpan<byte> block)
    {
        ReadOnlySpan<byte> data = default;
        while (!block.IsEmpty)
        {
            var end = block.IndexOf((byte)'\n');
            var line = end < 0 ? block : block[..end];
            block = end < 0 ? default : block[(end + 1)..];
            if (line.StartsWith("data:"u8))
            {
                data = data.IsEmpty ? line["data:"u8.Length..].Trim(" \r"u8) : throw new JsonException("The data of a piece stands in several lines.");
            }
        }

        return data;
    }
}
